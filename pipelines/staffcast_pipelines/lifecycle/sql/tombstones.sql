-- Who was erased.
select source, source_account, kind, external_hash, erased_at from tombstones
