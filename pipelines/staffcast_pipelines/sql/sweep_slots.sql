-- Begins of the quarter-hours.
select slot_at_us
from dim_slot
where queue = ''
order by slot_at_us
