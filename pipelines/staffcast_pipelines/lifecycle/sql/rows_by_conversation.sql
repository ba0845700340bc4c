-- Rows of the person's conversations.
insert into person_rows
select $table, t.rowid
from {{table}} as t
semi join person_conversations as p
    on p.source = t.source and p.source_account = t.source_account and p.conversation_id = t.conversation_id
