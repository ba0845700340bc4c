-- A chunk of checked rows; the fingerprint is of the cells as the file has them.
insert into staged_rows by name
select {{stored}}, row_key(hash({{hashed|raw_@|, }})) as row_hash
from incoming
