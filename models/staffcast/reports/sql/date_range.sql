-- First local date with a conversation, and the local date of as_of in the report time zone.
select
    min(c.start_date) as first_date,
    max(s.local_date) as as_of_date,
    max(cast(i.value as bigint)) as as_of_us,
    max(s.slot_at_us) as as_of_slot_us,
    max(z.value) as timezone
from build_info i
join build_info z on z.key = 'timezone'
left join dim_slot s
    on s.queue = '' and s.slot_at_us = cast(i.value as bigint) - cast(i.value as bigint) % 900000000
cross join (select min(start_date) as start_date from fact_conversation) c
where i.key = 'as_of_us'
