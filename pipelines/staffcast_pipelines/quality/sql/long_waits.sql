-- Chats that waited for more than a day.
select coalesce(queue_wait_us, abandon_wait_us, waiting_us) > 86400000000 as is_bad, 1 as n_rows, conversation_id as sample
from fact_conversation
where coalesce(queue_wait_us, abandon_wait_us, waiting_us) is not null
