-- Replace identifiers wherever they are used.
update {{table}}
set {{column}} = f.fresh_id
from fresh_ids as f
where
    f.kind = $kind
    and f.source = {{table}}.source
    and f.source_account = {{table}}.source_account
    and f.old_id = {{table}}.{{column}}
