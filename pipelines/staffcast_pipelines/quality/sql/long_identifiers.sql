-- Chats whose identifier is longer than any system makes them.
select length(conversation_id) > 128 as is_bad, 1 as n_rows, conversation_id as sample
from conversations
