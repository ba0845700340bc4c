-- Keys that come more than once in the file, or that are stored already.
create or replace temp table contested as
select key_hash from plain_seen where key_hash is not null group by key_hash having count(*) > 1
union
select key_hash
from plain_seen
semi join (
    select hash({{key}}) as key_hash from {{table}} where source = $source and source_account = $source_account
) as stored using (key_hash)
