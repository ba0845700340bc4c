-- Grain: a queue and a past local interval of $slots quarter-hours that was complete by as_of.
-- Who comes while the queue is closed is demand of the moment when it opens.
with slots as (
    select
        queue,
        n_offered,
        coalesce(n_abandoned, 0) as n_abandoned,
        open_us,
        min(case when open_us > 0 then slot_at_us end) over (
            partition by queue order by slot_at_us rows between current row and unbounded following
        ) as served_at_us
    from fact_arrivals
    where slot_at_us + 900000000 <= $as_of_us
)
select
    a.queue,
    min(d.slot_at_us) as interval_at_us,
    d.local_date,
    d.local_weekday,
    (d.local_slot - d.local_slot % $slots) * 15 as local_minute,
    cast(sum(a.open_us) as bigint) as open_us,
    cast(sum(a.n_offered) as bigint) as n_offered,
    cast(sum(a.n_abandoned) as bigint) as n_abandoned
from slots a
join dim_slot d on d.queue = a.queue and d.slot_at_us = a.served_at_us
group by a.queue, d.local_date, d.local_weekday, (d.local_slot - d.local_slot % $slots) * 15
order by a.queue, min(d.slot_at_us)
