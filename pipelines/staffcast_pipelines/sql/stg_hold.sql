-- Grain: an event that changes who holds a conversation (or wrap-up), with its leg and the holding agent.
-- A leg begins with an accept, or with a resumption by another agent than the one before.
with stream as (
    select
        e.conversation_key,
        e.event_type,
        e.at_us,
        e.agent_id,
        row_number() over (
            partition by e.conversation_key order by e.at_us, r.event_rank, coalesce(e.agent_id, ''), e.event_type
        ) as event_no
    from stg_event e
    join dim_event_type r on r.event_type = e.event_type
    left join (select distinct agent_id from agents where type = 'bot') b on b.agent_id = e.agent_id
    where r.changes_hold and b.agent_id is null
),
holder as (
    select
        s.*,
        max(case when event_type in ('accepted', 'resumed') and agent_id is not null then event_no end) over (
            partition by conversation_key order by event_no rows between unbounded preceding and current row
        ) as holder_no
    from stream s
),
held_by as (
    select h.*, a.agent_id as holder_id
    from holder h
    left join stream a on a.conversation_key = h.conversation_key and a.event_no = h.holder_no
),
starts as (
    select
        b.*,
        case
            when event_type = 'accepted' then 1
            when event_type = 'resumed' and holder_id is not null and holder_id <> coalesce(
                lag(holder_id) over (partition by conversation_key order by event_no), ''
            ) then 1
            else 0
        end as starts_leg
    from held_by b
)
select
    conversation_key,
    event_type,
    at_us,
    event_no,
    holder_id as agent_id,
    event_type in ('wrapup_started', 'wrapup_ended') as is_wrapup,
    sum(starts_leg) over (
        partition by conversation_key order by event_no rows between unbounded preceding and current row
    ) as leg_no
from starts
