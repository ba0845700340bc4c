-- Remember by keyed hash how the person was known; what they shared with others is not theirs alone.
insert into tombstones
with known as (
    select source, source_account, kind, external_hash
    from identities
    where customer_key in (select customer_key from person_keys)
    union
    select source, source_account, 'customer_id', customer_key
    from identities
    where customer_key in (select customer_key from person_keys)
)
select source, source_account, kind, external_hash, $erased_at
from known
where
    not exists (
        select 1
        from identities as others
        where
            others.kind = known.kind
            and others.external_hash = known.external_hash
            and others.customer_key not in (select customer_key from person_keys)
    )
    and not exists (
        select 1
        from tombstones as t
        where
            t.source = known.source
            and t.source_account = known.source_account
            and t.kind = known.kind
            and t.external_hash = known.external_hash
    )
