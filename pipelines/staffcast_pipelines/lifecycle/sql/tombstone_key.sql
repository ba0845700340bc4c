-- Remember by keyed hash how the person was asked for.
insert into tombstones
select $source, $source_account, $kind, $external_hash, $erased_at
where not exists (
    select 1
    from tombstones
    where source = $source and source_account = $source_account and kind = $kind and external_hash = $external_hash
)
