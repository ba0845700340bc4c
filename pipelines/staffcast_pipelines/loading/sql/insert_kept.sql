-- New rows and newer versions, in the order of the file.
insert into {{table}} by name
select fresh.*, $load_id as load_id
from staged_rows as fresh
join verdicts on verdicts.row_number = fresh.rowid
where verdicts.verdict in ('new', 'updated')
order by fresh.rowid
