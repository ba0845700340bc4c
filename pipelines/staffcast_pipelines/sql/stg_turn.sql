-- Grain: a customer turn. Only a public human message that is not automatic answers it; a close ends it
-- unanswered, so that a return days later begins a turn of its own.
-- Turns that only a bot could have answered do not wait for a human; what the customer wrote before entering
-- the queue waits from the entry on.
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
bounded as (
    select
        t.conversation_key,
        t.turn_no,
        t.asked_at_us,
        t.replied_at_us,
        coalesce(t.ended_at_us, m.ended_at_us) as ended_at_us,
        t.agent_id,
        m.queued_at_us,
        m.queued_at_us is not null
        and coalesce(t.replied_at_us, t.ended_at_us, m.queued_at_us) >= m.queued_at_us as follows_queue,
        t.replied_at_us is not null or t.n_replies > 0 as follows_human
    from turns t
    join stg_milestone m on m.conversation_key = t.conversation_key
    where t.asked_at_us is not null
)
select
    b.conversation_key || '#' || cast(b.turn_no as string) as turn_key,
    b.conversation_key,
    b.turn_no,
    b.follows_queue or b.follows_human as waits_for_human,
    b.follows_queue
    and row_number() over (partition by b.conversation_key, b.follows_queue order by b.turn_no) = 1 as is_first,
    b.asked_at_us,
    case when b.follows_queue and b.queued_at_us > b.asked_at_us then b.queued_at_us else b.asked_at_us end
        as turn_at_us,
    b.replied_at_us,
    b.replied_at_us is null and b.ended_at_us is null as is_open,
    coalesce(b.replied_at_us, b.ended_at_us, p.as_of_us) as owed_end_at_us,
    b.agent_id
from bounded b
cross join build_params p
