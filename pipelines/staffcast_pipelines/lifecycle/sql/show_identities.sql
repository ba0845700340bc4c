-- How the person is known.
select source, source_account, kind, external_hash, customer_key
from identities
where customer_key in (select customer_key from person_keys)
order by all
