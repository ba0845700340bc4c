-- Numbers of the rows that are not plain, blank lines not counted.
select number
from (select row_number() over () as number, is_plain from plain_rows)
where not is_plain
