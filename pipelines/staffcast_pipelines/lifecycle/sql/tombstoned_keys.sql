-- Every customer whom a tombstone names.
select external_hash as customer_key from tombstones where kind = 'customer_id'
union
select identities.customer_key
from identities
join tombstones
    on tombstones.kind = identities.kind
    and tombstones.external_hash = identities.external_hash
    and (
        tombstones.kind in ('email', 'phone')
        or (tombstones.source = identities.source and tombstones.source_account = identities.source_account)
    )
