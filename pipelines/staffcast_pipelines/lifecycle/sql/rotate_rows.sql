-- The rows of a table under the newest key.
insert into rewritten.main.{{table}}
select
    * replace (
        {{hashes|rehash(@) as @, |}} {{ids|next_id(@) as @, |}} {{agents|next_agent(@) as @, |}}
        next_row(row_hash) as row_hash
    )
from warehouse.main.{{table}}
