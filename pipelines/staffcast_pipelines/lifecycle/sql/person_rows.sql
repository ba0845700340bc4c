-- The person's rows, by table.
create or replace temp table person_rows (table_name varchar, row_id bigint)
