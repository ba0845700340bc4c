-- The rows of the conversations in question.
insert into work.main.bot_sessions
select t.*
from warehouse.main.bot_sessions t
semi join {{keys}} k on k.conversation_key = t.source || '/' || t.source_account || '/' || t.conversation_id
