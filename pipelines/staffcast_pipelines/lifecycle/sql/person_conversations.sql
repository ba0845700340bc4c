-- Conversations of the person: those with their name on them, and those with nobody's that they wrote or rated in.
create or replace temp table person_conversations as
with mentioned as (
    select m.source, m.source_account, coalesce(m.conversation_id, r.conversation_id) as conversation_id
    from messages as m
    left join message_roots as r
        on r.source = m.source and r.source_account = m.source_account and r.message_id = m.message_id
    where m.sender_type = 'customer' and m.sender_id in (select customer_key from person_keys)
    union
    select source, source_account, conversation_id
    from surveys
    where customer_key in (select customer_key from person_keys) and conversation_id is not null
)
select source, source_account, conversation_id
from conversations
where customer_key in (select customer_key from person_keys)
union
select source, source_account, conversation_id
from mentioned
where not exists (
    select 1
    from conversations as c
    where
        c.source = mentioned.source
        and c.source_account = mentioned.source_account
        and c.conversation_id = mentioned.conversation_id
        and c.customer_key not in (select customer_key from person_keys)
)
