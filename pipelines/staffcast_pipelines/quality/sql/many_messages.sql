-- Chats of a thousand messages or more.
select count(*) >= 1000 as is_bad, 1 as n_rows, conversation_id as sample
from messages
where conversation_id is not null
group by source, source_account, conversation_id
