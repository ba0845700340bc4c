-- Grain: a queue that has had contacts, and a future local interval of $slots quarter-hours in which it is open.
with staffed as (
    select queue from fact_arrivals group by queue having sum(n_offered) > 0
)
select
    d.queue,
    min(d.slot_at_us) as interval_at_us,
    d.local_date,
    d.local_weekday,
    (d.local_slot - d.local_slot % $slots) * 15 as local_minute,
    cast(sum(d.open_us) as bigint) as open_us
from dim_slot d
join staffed s on s.queue = d.queue
where d.local_date >= $first_date and d.local_date < $last_date
group by d.queue, d.local_date, d.local_weekday, (d.local_slot - d.local_slot % $slots) * 15
having sum(d.open_us) > 0
order by d.queue, min(d.slot_at_us)
