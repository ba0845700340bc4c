-- The rows of the conversations in question, by chain where a message names none.
insert into work.main.messages
select m.*
from warehouse.main.messages m
semi join {{keys}} k on k.conversation_key = m.source || '/' || m.source_account || '/' || m.conversation_id
union all
select m.*
from warehouse.main.messages m
join message_roots r
    on r.source = m.source and r.source_account = m.source_account and r.message_id = m.message_id
semi join {{keys}} k on k.conversation_key = r.source || '/' || r.source_account || '/' || r.conversation_id
where m.conversation_id is null
