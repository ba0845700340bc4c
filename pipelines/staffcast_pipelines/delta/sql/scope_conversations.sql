-- The rows of the conversations in question.
insert into work.main.conversations
select t.*
from warehouse.main.conversations t
semi join {{keys}} k on k.conversation_key = t.source || '/' || t.source_account || '/' || t.conversation_id
