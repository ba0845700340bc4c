-- Chats known from their messages alone.
select is_inferred as is_bad, 1 as n_rows, conversation_id as sample
from fact_conversation
