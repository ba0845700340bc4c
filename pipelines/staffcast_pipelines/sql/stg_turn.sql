-- Grain: a customer turn in the human part of a conversation. Only a public human message that is not
-- automatic ends a turn; the first turn cannot begin before the customer entered the queue.
with queued as (
    select
        c.conversation_key,
        c.closed_at_us as exported_closed_at_us,
        min(case when e.event_type = 'queued' then e.at_us end) as queued_at_us,
        max(case when e.event_type = 'closed' then e.at_us end) as closed_at_us
    from stg_conversation c
    left join stg_event e on e.conversation_key = c.conversation_key
    group by c.conversation_key, c.closed_at_us
),
stream as (
    select
        m.conversation_key,
        m.at_us,
        m.message_id,
        m.sender_id,
        m.is_human_reply,
        coalesce(
            sum(case when m.is_human_reply then 1 else 0 end) over (
                partition by m.conversation_key
                order by m.at_us, m.message_id
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as turn_no
    from stg_message m
    where m.is_public and (m.sender_type = 'customer' or m.is_human_reply)
),
turns as (
    select
        conversation_key,
        turn_no,
        min(case when not is_human_reply then at_us end) as asked_at_us,
        max(case when is_human_reply then at_us end) as replied_at_us,
        max(case when is_human_reply then sender_id end) as agent_id
    from stream
    group by conversation_key, turn_no
)
select
    t.conversation_key || '#' || cast(t.turn_no as string) as turn_key,
    t.conversation_key,
    t.turn_no,
    t.turn_no = 0 as is_first,
    case when t.turn_no = 0 and q.queued_at_us > t.asked_at_us then q.queued_at_us else t.asked_at_us end as turn_at_us,
    t.replied_at_us,
    q.closed_at_us,
    t.agent_id
from turns t
join queued q on q.conversation_key = t.conversation_key
where
    t.asked_at_us is not null
    and (q.queued_at_us is not null or t.replied_at_us is not null or t.turn_no > 0)
