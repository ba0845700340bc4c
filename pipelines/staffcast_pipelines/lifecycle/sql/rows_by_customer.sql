-- Rows with the person's key.
insert into person_rows
select $table, rowid
from {{table}}
where
    customer_key in (select customer_key from person_keys)
    and rowid not in (select row_id from person_rows where table_name = $table)
