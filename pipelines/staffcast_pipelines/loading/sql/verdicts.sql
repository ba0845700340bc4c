-- Each staged row judged by its key and version: new, updated, duplicate or superseded.
-- The version kept is the greatest by the columns that say which is newer (nulls oldest), then by fingerprint:
-- taking a maximum is commutative, associative and idempotent, so order and overlaps of files leave no trace.
create or replace temp table verdicts as
with ranked as (
    select
        rowid as row_number,
        row_hash,
        {{keys}},
        {{newest|coalesce(@, -9223372036854775808) as @, |}}
        row_number() over versions as version_rank,
        first_value(row_hash) over versions as best_hash
    from staged_rows
    window versions as (partition by {{keys}} order by {{newest|staged_rows.@ desc nulls last, |}} row_hash desc)
)
select
    ranked.row_number,
    case
        when version_rank > 1 and ranked.row_hash = best_hash then 'duplicate'
        when version_rank > 1 then 'superseded'
        when stored.row_hash is null then 'new'
        when stored.row_hash = ranked.row_hash then 'duplicate'
        when
            ({{newest|ranked.@, |}} ranked.row_hash)
            > ({{newest|coalesce(stored.@, -9223372036854775808), |}} stored.row_hash)
            then 'updated'
        else 'superseded'
    end as verdict
from ranked
left join {{table}} as stored on {{keys|stored.@ is not distinct from ranked.@| and }}
