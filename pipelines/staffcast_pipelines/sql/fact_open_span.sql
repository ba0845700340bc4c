-- Grain: a stretch in which an open conversation does not change: who holds it, whether it is parked or owed a reply.
-- What is open lasts beyond as_of: until_at_us is null then.
with marks as (
    select conversation_key, start_at_us as at_us, 0 as mark_order, 0 as mark_rank, true as is_alive
    from stg_milestone
    union all
    select conversation_key, at_us, 1, event_rank, event_type <> 'closed'
    from stg_event
    where event_type in ('closed', 'reopened', 'resumed', 'accepted', 'queued')
    union all
    select conversation_key, abandoned_at_us, 1, 101, false
    from stg_milestone
    where abandoned_at_us is not null
),
lives as (
    select
        conversation_key,
        is_alive,
        at_us,
        lead(at_us) over (
            partition by conversation_key order by mark_order, at_us, mark_rank, is_alive
        ) as next_at_us
    from marks
),
holds as (
    select
        conversation_key,
        agent_id,
        at_us,
        lead(at_us) over (partition by conversation_key order by event_no) as next_at_us,
        event_type in ('parked', 'snoozed') as is_parked,
        max(case when event_type in ('accepted', 'resumed') then event_no else 0 end) over w as take_no,
        max(case when event_type in ('transferred', 'closed') then event_no else 0 end) over w as release_no
    from stg_hold
    window w as (partition by conversation_key order by event_no rows between unbounded preceding and current row)
),
owed as (
    select
        conversation_key,
        turn_at_us as at_us,
        case when not is_open then owed_end_at_us end as next_at_us
    from stg_turn
    where waits_for_human and (is_open or owed_end_at_us > turn_at_us)
),
humans as (
    select
        conversation_key,
        case when accepted_at_us < queued_at_us or queued_at_us is null then accepted_at_us else queued_at_us end
            as human_at_us
    from stg_milestone
),
cuts as (
    select conversation_key, at_us from lives
    union
    select conversation_key, at_us from holds
    union
    select conversation_key, at_us from owed
    union
    select conversation_key, next_at_us from owed where next_at_us is not null
    union
    select conversation_key, human_at_us from humans where human_at_us is not null
),
pieces as (
    select
        conversation_key,
        at_us,
        lead(at_us) over (partition by conversation_key order by at_us) as until_at_us
    from cuts
)
select
    p.conversation_key || '#' || cast(
        row_number() over (partition by p.conversation_key order by p.at_us) as string
    ) as span_key,
    p.conversation_key,
    case when h.take_no > h.release_no then h.agent_id end as agent_id,
    m.initiated_by <> 'agent' and not m.is_test as is_inbound,
    coalesce(p.at_us >= u.human_at_us, false) as is_with_humans,
    coalesce(h.take_no > h.release_no, false) as is_assigned,
    coalesce(h.is_parked, false) as is_parked,
    o.conversation_key is not null as is_awaiting_agent,
    m.start_at_us as opened_at_us,
    o.at_us as awaiting_since_at_us,
    g.target_us as reply_target_us,
    p.at_us as from_at_us,
    p.until_at_us,
    p.at_us as start_at_us
from pieces p
join lives l
    on l.conversation_key = p.conversation_key
    and l.is_alive
    and l.at_us <= p.at_us
    and (l.next_at_us is null or l.next_at_us > p.at_us)
join stg_milestone m on m.conversation_key = p.conversation_key
join humans u on u.conversation_key = p.conversation_key
left join holds h
    on h.conversation_key = p.conversation_key
    and h.at_us <= p.at_us
    and (h.next_at_us is null or h.next_at_us > p.at_us)
left join owed o
    on o.conversation_key = p.conversation_key
    and o.at_us <= p.at_us
    and (o.next_at_us is null or o.next_at_us > p.at_us)
left join stg_target g
    on g.metric = 'reply_within' and g.conversation_key = o.conversation_key and g.at_us = o.at_us
