-- Whether each row of the file is contested, in its order.
select coalesce(key_hash in (select contested.key_hash from contested), false) as is_contested
from plain_seen
order by rowid
