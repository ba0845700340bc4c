-- Grain: a customer turn in the human part of a conversation. Only a public human message that is not
-- automatic answers a turn; a close ends it unanswered, so that a return days later begins a turn of its own.
-- What the customer wrote before entering the queue waits from the entry on.
with stream as (
    select
        conversation_key,
        at_us,
        message_id as item_id,
        case when is_human_reply then 'reply' else 'question' end as item,
        0 as item_rank,
        case when is_human_reply then sender_id end as agent_id
    from stg_message
    where is_public and (sender_type = 'customer' or is_human_reply)
    union all
    select conversation_key, at_us, event_type, 'end', 1, null
    from stg_event
    where event_type in ('closed', 'abandoned')
),
numbered as (
    select
        s.*,
        coalesce(sum(case when item <> 'question' then 1 else 0 end) over w, 0) as turn_no,
        coalesce(sum(case when item = 'reply' then 1 else 0 end) over w, 0) as n_replies
    from stream s
    window w as (
        partition by conversation_key
        order by at_us, item_rank, item_id
        rows between unbounded preceding and 1 preceding
    )
),
turns as (
    select
        conversation_key,
        turn_no,
        min(n_replies) as n_replies,
        min(case when item = 'question' then at_us end) as asked_at_us,
        max(case when item = 'reply' then at_us end) as replied_at_us,
        max(case when item = 'end' then at_us end) as ended_at_us,
        max(agent_id) as agent_id
    from numbered
    group by conversation_key, turn_no
),
waiting as (
    select
        t.conversation_key,
        t.turn_no,
        t.asked_at_us,
        t.replied_at_us,
        coalesce(t.ended_at_us, m.closed_at_us, m.abandoned_at_us) as ended_at_us,
        t.agent_id,
        m.queued_at_us,
        m.queued_at_us is not null
        and (t.replied_at_us is null or t.replied_at_us >= m.queued_at_us) as follows_queue
    from turns t
    join stg_milestone m on m.conversation_key = t.conversation_key
    where
        t.asked_at_us is not null
        and (
            t.replied_at_us is not null
            or t.n_replies > 0
            or (m.queued_at_us is not null and (t.ended_at_us is null or t.ended_at_us >= m.queued_at_us))
        )
)
select
    w.conversation_key || '#' || cast(w.turn_no as string) as turn_key,
    w.conversation_key,
    w.turn_no,
    w.follows_queue
    and row_number() over (partition by w.conversation_key, w.follows_queue order by w.turn_no) = 1 as is_first,
    case when w.follows_queue and w.queued_at_us > w.asked_at_us then w.queued_at_us else w.asked_at_us end
        as turn_at_us,
    w.replied_at_us,
    w.replied_at_us is null and w.ended_at_us is null as is_open,
    coalesce(w.replied_at_us, w.ended_at_us, p.as_of_us) as owed_end_at_us,
    w.agent_id
from waiting w
cross join build_params p
