-- Defaults that came with the data; several sources must agree, the first by name wins otherwise.
select key, value
from (
    select key, value, row_number() over (partition by key order by source, source_account) as choice
    from source_config
) chosen
where choice = 1
order by key
