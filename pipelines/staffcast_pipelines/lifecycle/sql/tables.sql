-- The tables of the warehouse.
select table_name
from duckdb_tables()
where database_name = 'warehouse' and schema_name = 'main' and not temporary
order by table_name
