-- Rows of a conversation that is not in the data; without any conversation all are known from their messages.
select c.conversation_id is null as is_bad, 1 as n_rows, r.conversation_id as sample
from {{table}} r
left join conversations c
    on c.source = r.source and c.source_account = r.source_account and c.conversation_id = r.conversation_id
where r.conversation_id is not null and exists (select * from conversations)
