-- All customers that share an e-mail address or a phone number with one of the given, directly or through others.
with recursive linked as (
    select unnest($keys) as customer_key
    union
    select other.customer_key
    from linked
    join identities as own on own.customer_key = linked.customer_key
    join identities as other on other.kind = own.kind and other.external_hash = own.external_hash
    where own.kind in ('email', 'phone')
)
select customer_key from linked order by customer_key
