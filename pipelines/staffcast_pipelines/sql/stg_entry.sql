-- Grain: an entry of a conversation into a human queue, and what came next: an accept, another entry, the customer's
-- leaving or the close.
with stream as (
    select
        conversation_key,
        event_type,
        at_us,
        queue,
        row_number() over (
            partition by conversation_key order by at_us, event_rank, coalesce(queue, ''), coalesce(agent_id, '')
        ) as event_no
    from stg_event
    where event_type in ('queued', 'accepted', 'resumed', 'abandoned', 'closed')
),
followed as (
    select
        s.*,
        lead(event_type) over (partition by conversation_key order by event_no) as next_type,
        lead(at_us) over (partition by conversation_key order by event_no) as next_at_us
    from stream s
),
early as (
    select conversation_key, queued_at_us from stg_milestone where accepted_at_us < queued_at_us
)
select
    f.conversation_key,
    row_number() over (partition by f.conversation_key order by f.event_no) as entry_no,
    coalesce(f.queue, d.queue) as queue,
    f.at_us as entered_at_us,
    case when e.queued_at_us is not null then f.at_us else coalesce(f.next_at_us, p.as_of_us) end as left_at_us,
    case
        when e.queued_at_us is not null then 'accepted'
        when f.next_type is null then 'waiting'
        when f.next_type = 'queued' then 'moved'
        when f.next_type = 'resumed' then 'accepted'
        else f.next_type
    end as result
from followed f
cross join build_params p
join stg_dimension d on d.conversation_key = f.conversation_key
left join early e on e.conversation_key = f.conversation_key and e.queued_at_us = f.at_us
where f.event_type = 'queued'
