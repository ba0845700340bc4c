-- First and last local day of the report calendar up to as_of.
select min(d.local_date) as first_date, max(d.local_date) as last_date
from dim_slot d
cross join build_params p
where d.queue = '' and d.slot_at_us <= p.as_of_us
