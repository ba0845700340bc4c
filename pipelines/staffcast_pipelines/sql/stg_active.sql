-- Grain: a stretch in which a held chat is active: a message is owed, or the last one is recent.
-- A message is owed until a human answers or the chat closes, whatever came later, so that facts about the past
-- stay as they are when as_of moves on. Automatic messages make no chat active.
with raw_intervals as (
    select conversation_key, asked_at_us as from_us, owed_end_at_us as to_us from stg_turn
    union
    select m.conversation_key, m.at_us, m.at_us + p.active_recent_us
    from stg_message m
    cross join build_params p
    where m.is_human_reply or (m.is_public and m.sender_type = 'customer')
),
reached as (
    select
        conversation_key,
        from_us,
        to_us,
        max(to_us) over (
            partition by conversation_key order by from_us, to_us rows between unbounded preceding and 1 preceding
        ) as reached_us
    from raw_intervals
    where to_us > from_us
),
islands as (
    select
        conversation_key,
        from_us,
        to_us,
        sum(case when reached_us is null or from_us > reached_us then 1 else 0 end) over (
            partition by conversation_key order by from_us, to_us rows between unbounded preceding and current row
        ) as island_no
    from reached
),
merged as (
    select conversation_key, island_no, min(from_us) as from_us, max(to_us) as to_us
    from islands
    group by conversation_key, island_no
),
clipped as (
    select
        s.leg_key,
        s.conversation_key,
        s.agent_id,
        case when m.from_us > s.span_at_us then m.from_us else s.span_at_us end as active_at_us,
        case when m.to_us < s.span_end_at_us then m.to_us else s.span_end_at_us end as active_end_at_us
    from stg_span s
    join merged m on m.conversation_key = s.conversation_key
)
select leg_key, conversation_key, agent_id, active_at_us, active_end_at_us
from clipped
where active_end_at_us > active_at_us
