-- What became of the rows of every file ever loaded, the newest file first.
select
    load_id as load,
    loaded_at,
    source,
    source_account as account,
    file_name as file,
    table_name as "table",
    n_rows as "rows",
    n_new as new,
    n_updated as updated,
    n_duplicate as duplicate,
    n_quarantined as quarantined,
    n_skipped as skipped,
    n_suppressed as suppressed,
    skipped_reasons,
    columns_kept_as_extra
from loads
order by load_id desc
