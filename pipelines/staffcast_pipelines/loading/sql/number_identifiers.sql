-- Equal rows without an identifier are told apart by their number within the file.
with numbered as (
    select rowid as row_number, row_number() over (partition by {{key}}, row_hash order by rowid) as number
    from staged_rows
    where regexp_full_match({{key}}, '~[0-9a-f]{32}')
)
update staged_rows
set {{key}} = {{key}} || '.' || numbered.number
from numbered
where staged_rows.rowid = numbered.row_number and numbered.number > 1
