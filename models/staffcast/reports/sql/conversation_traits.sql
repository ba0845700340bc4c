-- What may explain why a vendor counts a conversation otherwise.
select
    conversation_key,
    conversation_id,
    start_date,
    is_inbound,
    is_test,
    is_offered,
    is_abandoned,
    is_contained,
    is_bot_involved,
    n_reopens,
    queue_wait_us,
    queued_at_us - start_at_us as before_queue_us
from fact_conversation
order by conversation_key
