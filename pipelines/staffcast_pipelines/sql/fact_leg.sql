-- Grain: an agent's hold of a conversation, from accept to release.
-- The idle tail is the silence, within the time held, between the last message and the close.
with engaged as (
    select
        leg_key,
        sum(case when is_active then 0 else chat_us end) as idle_us,
        cast(floor(sum(cast(floor(chat_us * 27720 / nullif(k_open, 0)) as bigint)) / 27720) as bigint) as engaged_us,
        sum(k_open * chat_us) as load_us
    from fact_leg_load
    group by leg_key
),
owed as (
    select leg_key, cast(floor(sum(owed_share) / 27720) as bigint) as effort_us
    from stg_effort
    group by leg_key
),
last_words as (
    select l.leg_key, max(m.at_us) as last_said_at_us
    from stg_leg l
    join stg_message m
        on m.conversation_key = l.conversation_key
        and m.at_us >= l.accepted_at_us
        and m.at_us <= l.released_at_us
    where l.end_reason = 'closed' and (m.is_human_reply or (m.is_public and m.sender_type = 'customer'))
    group by l.leg_key
),
tails as (
    select
        s.leg_key,
        sum(
            case
                when w.last_said_at_us >= s.span_end_at_us then 0
                when w.last_said_at_us > s.span_at_us then s.span_end_at_us - w.last_said_at_us
                else s.span_end_at_us - s.span_at_us
            end
        ) as idle_tail_us
    from stg_span s
    join stg_leg l on l.leg_key = s.leg_key
    left join last_words w on w.leg_key = s.leg_key
    where l.end_reason = 'closed'
    group by s.leg_key
),
earlier as (
    select
        leg_key,
        lag(leg_no) over (partition by conversation_key, agent_id order by leg_no) as own_earlier_no,
        lag(leg_no) over (partition by conversation_key order by leg_no) as earlier_no,
        lag(end_reason) over (partition by conversation_key order by leg_no) as earlier_end
    from stg_leg
)
select
    l.leg_key,
    l.conversation_key,
    l.agent_id,
    l.end_reason,
    coalesce(b.own_earlier_no < b.earlier_no and b.earlier_end = 'transferred', false) as is_return,
    l.accepted_at_us,
    l.released_at_us,
    l.parked_us,
    l.open_us,
    l.wrapup_us,
    case when l.end_reason <> 'open' then l.open_us + l.wrapup_us end as handle_us,
    case when l.end_reason <> 'open' then coalesce(g.engaged_us, 0) end as engaged_us,
    case when l.end_reason <> 'open' then coalesce(f.effort_us, 0) end as effort_us,
    case when l.end_reason <> 'open' then coalesce(g.load_us, 0) end as load_us,
    case when l.end_reason <> 'open' then coalesce(g.idle_us, 0) end as idle_us,
    case when l.end_reason <> 'open' then coalesce(t.idle_tail_us, 0) end as idle_tail_us,
    l.accepted_at_us as start_at_us,
    case when l.end_reason <> 'open' then l.released_at_us end as close_at_us
from stg_leg l
left join engaged g on g.leg_key = l.leg_key
left join owed f on f.leg_key = l.leg_key
left join tails t on t.leg_key = l.leg_key
left join earlier b on b.leg_key = l.leg_key
