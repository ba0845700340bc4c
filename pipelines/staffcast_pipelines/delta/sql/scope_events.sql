-- The rows of the conversations in question.
insert into work.main.events
select t.*
from warehouse.main.events t
semi join {{keys}} k on k.conversation_key = t.source || '/' || t.source_account || '/' || t.conversation_id
