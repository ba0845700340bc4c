-- Identifiers of the person's rows.
insert into old_ids
select distinct $kind, source, source_account, {{column}}
from {{table}}
where {{column}} is not null and rowid in (select row_id from person_rows where table_name = $table)
