-- Grain: a leg, whether or not its agent is named, and how it ended: passed on, closed, or not yet.
-- Passed on is a leg that was transferred before a close, or after which another leg began without one.
-- It went into a queue if that was said, or if one was entered before anything else happened to the conversation;
-- what was queued at the instant of an accept was queued before it.
with stream as (
    select
        conversation_key,
        leg_no,
        event_no,
        event_type,
        at_us,
        agent_id,
        to_queue,
        lead(at_us) over (partition by conversation_key order by event_no) as next_at_us
    from stg_hold
),
held as (
    select
        conversation_key,
        leg_no,
        min(agent_id) as agent_id,
        min(case when event_type in ('accepted', 'resumed') then at_us end) as accepted_at_us,
        min(case when event_type = 'transferred' then event_no end) as transferred_no,
        min(case when event_type = 'closed' then event_no end) as closed_no,
        max(event_no) as last_no
    from stream
    where leg_no > 0
    group by conversation_key, leg_no
),
ended as (
    select
        h.*,
        case
            when transferred_no is not null and (closed_no is null or transferred_no < closed_no) then 'transferred'
            when closed_no is not null then 'closed'
            when lead(leg_no) over (partition by conversation_key order by leg_no) is not null then 'transferred'
            else 'open'
        end as end_reason
    from held h
),
passed as (
    select
        e.conversation_key,
        e.leg_no,
        s.at_us,
        s.next_at_us,
        s.to_queue,
        s.event_type in ('accepted', 'resumed') as is_taken_at_once
    from ended e
    join stream s
        on s.conversation_key = e.conversation_key and s.event_no = coalesce(e.transferred_no, e.last_no)
    where e.end_reason = 'transferred'
),
queued as (
    select distinct p.conversation_key, p.leg_no
    from passed p
    join stg_event q
        on q.conversation_key = p.conversation_key
        and q.event_type = 'queued'
        and (q.at_us > p.at_us or (q.at_us = p.at_us and not p.is_taken_at_once))
        and (p.next_at_us is null or q.at_us <= p.next_at_us)
)
select
    e.conversation_key,
    e.leg_no,
    e.agent_id,
    e.accepted_at_us,
    e.end_reason,
    e.end_reason = 'transferred' and (p.to_queue is not null or q.leg_no is not null) as is_to_queue
from ended e
left join passed p on p.conversation_key = e.conversation_key and p.leg_no = e.leg_no
left join queued q on q.conversation_key = e.conversation_key and q.leg_no = e.leg_no
