-- Contested rows are merged like those of any other file.
insert into staged_rows by name
select fresh.* exclude (load_id)
from {{table}} as fresh
semi join contested using ({{keys}})
where fresh.load_id = $load_id
