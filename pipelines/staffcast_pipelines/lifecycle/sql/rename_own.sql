-- Replace identifiers in the person's rows only.
update {{table}}
set {{column}} = f.fresh_id
from fresh_ids as f
where
    f.kind = $kind
    and f.source = {{table}}.source
    and f.source_account = {{table}}.source_account
    and f.old_id = {{table}}.{{column}}
    and {{table}}.rowid in (select row_id from person_rows where table_name = $table)
