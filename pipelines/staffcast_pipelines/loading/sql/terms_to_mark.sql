-- Conversations that belong to a customer with known words, where the words, the link or a text is new.
create or replace temp table marked_until as
select coalesce(max(cast(value as bigint)), 0) as load_id from policies where key = 'terms_marked_until';
create or replace temp table linked_customers as
with known as (
    select source, source_account, customer_key, max(load_id) as load_id
    from customer_terms
    group by source, source_account, customer_key
),
linked as (
    select source, source_account, conversation_id, customer_key, load_id
    from conversations
    where customer_key is not null
    union all
    select source, source_account, conversation_id, sender_id, load_id
    from messages
    where sender_type = 'customer' and sender_id is not null and conversation_id is not null
    union all
    select source, source_account, conversation_id, customer_key, load_id
    from surveys
    where customer_key is not null and conversation_id is not null
)
select
    l.source || '/' || l.source_account || '/' || l.conversation_id as conversation_key,
    l.source,
    l.source_account,
    l.customer_key,
    max(greatest(l.load_id, k.load_id)) as load_id
from linked as l
join known as k
    on k.source = l.source and k.source_account = l.source_account and k.customer_key = l.customer_key
group by l.source, l.source_account, l.conversation_id, l.customer_key
