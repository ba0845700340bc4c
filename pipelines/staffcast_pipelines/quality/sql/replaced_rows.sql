-- Rows of which a newer version took the place of a stored one, beside all others that were stored.
select true as is_bad, coalesce(sum(n_updated), 0) as n_rows, cast(null as varchar) as sample
from loads
union all
select false, coalesce(sum(n_new), 0), null
from loads
