-- The UTC day from which on agents' states are built anew: that of the first change or of the last as_of.
with changed as (
    select min(started_at_us) as at_us from agent_status where load_id > $load_id
    union all
    select min(started_at_us) from schedules where load_id > $load_id
    union all
    select cast($past_us as bigint)
)
select
    case
        when min(at_us) < calendar_from_us then calendar_from_us
        else min(at_us) - min(at_us) % 86400000000
    end
from changed
cross join build_params
group by calendar_from_us
