-- Customers known by an identifier: e-mail addresses and phone numbers are the same everywhere, others are not.
select distinct customer_key
from identities
where
    kind = $kind
    and external_hash = $external_hash
    and (kind in ('email', 'phone') or (source = $source and source_account = $source_account))
order by customer_key
