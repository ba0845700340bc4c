-- What was loaded after a given load and changed something.
select load_id, table_name, file_name
from loads
where load_id > $load_id and n_new + n_updated > 0
order by load_id
