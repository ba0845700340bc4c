-- Grain: a column of a published table.
select table_name, column_name from duckdb_columns()
