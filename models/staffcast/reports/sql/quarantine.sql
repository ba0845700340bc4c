-- Rows that could not be loaded: where they stand in their file and why; their content is not kept.
select load_id as load, file_name as file, table_name as "table", line, field, reason
from quarantine
order by load_id desc, line, field nulls first
