-- Grain: a UTC day of the calendar. What lies before the calendar counts as the day before its first.
with days as (
    select distinct slot_at_us - slot_at_us % 86400000000 as day_us from dim_slot where queue = ''
)
select day_us, day_us as day_at_us, day_us + 86400000000 as day_end_us
from days
union all
select calendar_from_us - 86400000000, -4611686018427387904, calendar_from_us
from build_params
