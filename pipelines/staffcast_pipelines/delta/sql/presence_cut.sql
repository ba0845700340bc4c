-- The instant from which on presence is built anew: a quarter-hour before the first change and the last as_of.
with changed as (
    select min(started_at_us) as at_us from agent_status where load_id > $load_id
    union all
    select min(started_at_us) from schedules where load_id > $load_id
    union all
    select cast($past_us as bigint)
)
select case when min(at_us) < calendar_from_us then -4611686018427387904 else min(at_us) - min(at_us) % 900000000 end
from changed
cross join build_params
group by calendar_from_us
