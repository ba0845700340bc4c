-- Grain: a queue, with the wrap-up time of its ended legs.
select
    coalesce(queue, '') as queue,
    cast(sum(wrapup_us) as bigint) as wrapup_us,
    count(*) as n_legs
from fact_leg
where end_reason <> 'open'
group by coalesce(queue, '')
order by coalesce(queue, '')
