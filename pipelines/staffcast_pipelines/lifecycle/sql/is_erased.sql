-- Whether an identifier belongs to somebody who was erased.
select exists (
    select 1
    from tombstones
    where
        kind = $kind
        and external_hash = $external_hash
        and (kind in ('email', 'phone') or (source = $source and source_account = $source_account))
)
