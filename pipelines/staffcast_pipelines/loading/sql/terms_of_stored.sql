-- Known words of the customers of some conversations.
select distinct l.conversation_key, t.kind, t.term_hash
from linked_customers as l
semi join incoming using (conversation_key)
join customer_terms as t
    on t.source = l.source and t.source_account = l.source_account and t.customer_key = l.customer_key
