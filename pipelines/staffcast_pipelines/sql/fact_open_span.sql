-- Grain: a stretch in which an open conversation does not change: who holds it, whether it is parked or owed a reply.
-- What is open lasts beyond as_of: until_at_us is null then.
with holds as (
    select
        conversation_key,
        agent_id,
        event_no,
        event_type in ('parked', 'snoozed') as is_parked,
        max(case when event_type in ('accepted', 'resumed') then event_no else 0 end) over w as take_no,
        max(case when event_type in ('transferred', 'closed') then event_no else 0 end) over w as release_no
    from stg_hold
    window w as (partition by conversation_key order by event_no rows between unbounded preceding and current row)
),
pieces as (
    select
        *,
        case when settled_at_us is null or asked_at_us >= settled_at_us then asked_at_us end as since_us
    from stg_change
    where life_state % 2 = 1
)
select
    p.conversation_key || '#' || cast(p.change_no as string) as span_key,
    p.conversation_key,
    case when h.take_no > h.release_no then h.agent_id end as agent_id,
    m.initiated_by <> 'agent' and not m.is_test as is_inbound,
    coalesce(p.at_us >= m.accepted_at_us, false) or coalesce(p.at_us >= m.queued_at_us, false) as is_with_humans,
    coalesce(h.take_no > h.release_no, false) as is_assigned,
    coalesce(h.is_parked, false) as is_parked,
    p.since_us is not null as is_awaiting_agent,
    m.start_at_us as opened_at_us,
    p.since_us as awaiting_since_at_us,
    g.target_us as reply_target_us,
    p.at_us as from_at_us,
    p.until_at_us,
    p.at_us as start_at_us
from pieces p
join stg_milestone m on m.conversation_key = p.conversation_key
left join holds h on h.conversation_key = p.conversation_key and h.event_no = p.hold_no
left join stg_target g
    on g.metric = 'reply_within' and g.conversation_key = p.conversation_key and g.at_us = p.since_us
