-- The person's rows, counted by table.
select table_name, count(*) from person_rows group by table_name order by table_name
