-- Grain: a conversation, with how long it waited in the queue.
select
    c.conversation_key,
    case when c.is_answered then c.queue_wait_us else c.abandon_wait_us end as wait_us
from fact_conversation c
