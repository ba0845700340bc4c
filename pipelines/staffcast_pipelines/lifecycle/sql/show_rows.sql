-- The person's rows of a table, as they are stored.
select * exclude (row_hash)
from {{table}}
where rowid in (select row_id from person_rows where table_name = $table)
order by {{order}}
