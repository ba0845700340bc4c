-- Recorded costs without a readable period, or with neither amount nor unit price.
select
    try_cast(substr(period_start, 1, 10) as date) is null or (amount is null and unit_price is null) as is_bad,
    1 as n_rows,
    cast(null as varchar) as sample
from costs
