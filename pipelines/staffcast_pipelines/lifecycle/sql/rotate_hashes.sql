-- A table of hashes under the newest key.
insert into rewritten.main.{{table}}
select * replace ({{hashes|rehash(@) as @|, }})
from warehouse.main.{{table}}
