-- Tables that a check may read: those of the warehouse, and of the generation if there is one.
select table_name from duckdb_tables() where database_name in ('warehouse', 'facts')
