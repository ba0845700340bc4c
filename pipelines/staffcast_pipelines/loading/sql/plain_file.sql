-- The cells of a file of JSON lines as text.
create or replace temp view plain_cells as
select *
from read_json(
    getvariable('plain_path'),
    format = 'newline_delimited',
    ignore_errors = true,
    columns = { {{columns|@: 'VARCHAR'|, }} }
)
