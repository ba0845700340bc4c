-- Whether an identifier is also that of a customer who stays.
select exists (
    select 1
    from identities
    where
        kind = $kind
        and external_hash = $external_hash
        and customer_key not in (select customer_key from person_keys)
)
