-- Somebody who was erased from the warehouse that this is a copy of.
insert into tombstones
select $1, $2, $3, $4, $5
where not exists (
    select 1 from tombstones where source = $1 and source_account = $2 and kind = $3 and external_hash = $4
)
