-- Grain: an event that changes who holds a conversation, with its leg and the holding agent.
-- A leg begins when an agent takes a conversation that another agent held last, or that was closed or passed on
-- since; the same agent who resumes a parked conversation continues the leg. An accept may lack the agent's name.
with stream as (
    select
        conversation_key,
        event_type,
        at_us,
        agent_id,
        to_queue,
        row_number() over (
            partition by conversation_key order by at_us, event_rank, coalesce(agent_id, ''), event_type
        ) as event_no
    from stg_event
    where changes_hold
),
taken as (
    select
        s.*,
        max(case when event_type = 'accepted' or (event_type = 'resumed' and agent_id is not null) then event_no end)
            over w as take_no,
        max(case when event_type in ('accepted', 'resumed') then event_no end) over w as begin_no,
        max(case when event_type in ('closed', 'transferred') then event_no end) over w as release_no
    from stream s
    window w as (partition by conversation_key order by event_no rows between unbounded preceding and current row)
),
held_by as (
    select
        t.*,
        a.agent_id as holder_id,
        lag(t.begin_no) over (partition by t.conversation_key order by t.event_no) as previous_begin_no,
        lag(a.agent_id) over (partition by t.conversation_key order by t.event_no) as previous_holder_id
    from taken t
    left join stream a on a.conversation_key = t.conversation_key and a.event_no = t.take_no
)
select
    conversation_key,
    event_type,
    at_us,
    event_no,
    holder_id as agent_id,
    to_queue,
    sum(
        case
            when event_type not in ('accepted', 'resumed') then 0
            when previous_begin_no is null or release_no > previous_begin_no then 1
            when coalesce(holder_id, '') <> coalesce(previous_holder_id, '') then 1
            else 0
        end
    ) over (partition by conversation_key order by event_no rows between unbounded preceding and current row) as leg_no
from held_by
