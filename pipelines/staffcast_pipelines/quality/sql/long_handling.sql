-- Chats with a handle time of more than a day.
select handle_us > 86400000000 as is_bad, 1 as n_rows, conversation_id as sample
from fact_conversation
where handle_us is not null
