-- Those who were erased from the warehouse that this is a copy of.
insert into tombstones by name
select incoming.*
from incoming
anti join tombstones using (source, source_account, kind, external_hash)
