-- Rows that could not be loaded, beside those that were.
select true as is_bad, count(distinct (table_name, row_hash)) as n_rows, cast(null as varchar) as sample
from quarantine
union all
select false, coalesce(sum(n_new), 0), null
from loads
