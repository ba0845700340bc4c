-- Grain: an offer of a conversation to an agent. Without recorded offers every accept stands for one.
-- At one instant a miss ends the offer before, an accept the offer just made.
with stream as (
    select
        conversation_key,
        agent_id,
        event_type,
        at_us,
        lead(event_type) over (partition by conversation_key, agent_id order by at_us, offer_rank) as next_type,
        lead(at_us) over (partition by conversation_key, agent_id order by at_us, offer_rank) as next_at_us,
        lag(event_type) over (partition by conversation_key, agent_id order by at_us, offer_rank) as previous_type
    from (
        select
            conversation_key,
            agent_id,
            event_type,
            at_us,
            case when event_type = 'missed' then 0 when event_type = 'assigned' then 1 else 2 end as offer_rank
        from stg_event
        where event_type in ('assigned', 'missed', 'accepted') and agent_id is not null
    ) offers
),
offered as (
    select conversation_key, agent_id, at_us as offered_at_us, next_type as result, next_at_us as ended_at_us
    from stream
    where event_type = 'assigned'
    union all
    select conversation_key, agent_id, at_us, event_type, at_us
    from stream
    where event_type <> 'assigned' and (previous_type is null or previous_type <> 'assigned')
)
select
    conversation_key || '#' || cast(
        row_number() over (partition by conversation_key order by offered_at_us, agent_id, result) as string
    ) as offer_key,
    conversation_key,
    agent_id,
    case when result in ('accepted', 'missed') then result else 'open' end as result,
    offered_at_us,
    case when result in ('accepted', 'missed') then ended_at_us end as ended_at_us,
    offered_at_us as queue_at_us
from offered
