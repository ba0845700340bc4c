-- Identifiers that say nothing but keep the order of the old ones, since that settles ties between equal instants.
create or replace temp table fresh_ids as
select
    kind,
    source,
    source_account,
    old_id,
    $prefix || '-' || lpad(cast(row_number() over (order by source, source_account, old_id, kind) as varchar), 9, '0')
        as fresh_id
from (select distinct kind, source, source_account, old_id from old_ids)
