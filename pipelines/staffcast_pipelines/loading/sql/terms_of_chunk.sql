-- Known words of the customers that the conversations of a chunk belong to, as far as that is known.
with linked as (
    select conversation_id, customer_key from incoming where customer_key is not null
    union
    select c.conversation_id, c.customer_key
    from conversations as c
    semi join incoming using (conversation_id)
    where c.source = $1 and c.source_account = $2 and c.customer_key is not null
    union
    select m.conversation_id, m.sender_id
    from messages as m
    semi join incoming using (conversation_id)
    where m.source = $1 and m.source_account = $2 and m.sender_type = 'customer' and m.sender_id is not null
)
select distinct linked.conversation_id, t.kind, t.term_hash
from linked
join customer_terms as t
    on t.customer_key = linked.customer_key and t.source = $1 and t.source_account = $2
