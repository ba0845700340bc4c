-- Hashed words of the person's name and address.
select source, source_account, customer_key, kind, term_hash
from customer_terms
where customer_key in (select customer_key from person_keys)
order by all
