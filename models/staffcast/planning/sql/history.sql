-- Grain: a queue and a past local interval of $slots quarter-hours that was complete by as_of.
select
    a.queue,
    min(a.slot_at_us) as interval_at_us,
    d.local_date,
    d.local_weekday,
    (d.local_slot - d.local_slot % $slots) * 15 as local_minute,
    cast(sum(a.open_us) as bigint) as open_us,
    cast(sum(a.n_offered) as bigint) as n_offered
from fact_arrivals a
join dim_slot d on d.queue = a.queue and d.slot_at_us = a.slot_at_us
where a.slot_at_us + 900000000 <= $as_of_us
group by a.queue, d.local_date, d.local_weekday, (d.local_slot - d.local_slot % $slots) * 15
order by a.queue, min(a.slot_at_us)
