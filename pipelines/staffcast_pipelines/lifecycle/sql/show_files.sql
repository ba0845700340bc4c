-- Files that the person's rows came from.
select load_id, source, source_account, table_name, file_name, loaded_at
from loads
where list_contains($load_ids, load_id)
order by load_id
