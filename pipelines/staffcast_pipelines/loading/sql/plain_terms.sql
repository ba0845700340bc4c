-- Known words of the customers that the conversations of the file belong to, as far as that is known.
create or replace temp table plain_terms as
with linked as (
    select conversation_id, customer_key from plain_texts join plain_customers using (customer_id)
    union
    select c.conversation_id, c.customer_key
    from conversations as c
    semi join plain_texts using (conversation_id)
    where c.source = $source and c.source_account = $source_account and c.customer_key is not null
    union
    select m.conversation_id, m.sender_id
    from messages as m
    semi join plain_texts using (conversation_id)
    where
        m.source = $source
        and m.source_account = $source_account
        and m.sender_type = 'customer'
        and m.sender_id is not null
)
select distinct linked.conversation_id, t.kind, t.term_hash
from linked
join customer_terms as t using (customer_key)
where t.source = $source and t.source_account = $source_account
