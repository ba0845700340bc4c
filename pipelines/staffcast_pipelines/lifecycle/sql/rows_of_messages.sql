-- Messages of the person's conversations, and what they wrote in those of others.
insert into person_rows
select $table, m.rowid
from messages as m
left join message_roots as r
    on r.source = m.source and r.source_account = m.source_account and r.message_id = m.message_id
left join person_conversations as p
    on p.source = m.source
    and p.source_account = m.source_account
    and p.conversation_id = coalesce(m.conversation_id, r.conversation_id)
where
    p.conversation_id is not null
    or (m.sender_type = 'customer' and m.sender_id in (select customer_key from person_keys))
