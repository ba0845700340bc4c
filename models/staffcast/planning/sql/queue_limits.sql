-- Grain: a queue, with the concurrency limits and the service-level target that the data bring for all its chats.
-- A queue may allow more chats than its people do: the limit of the typical agent, rounded down, holds too.
with named as (
    select queue from queues
    union
    select queue from fact_arrivals
),
limits as (
    select queue, max(max_concurrency) as concurrency_limit from queues group by queue
),
people as (
    select floor(avg(max_concurrency)) as agents_limit from agents where coalesce(type, 'human') <> 'bot'
),
ranked as (
    select
        n.queue,
        t.share,
        t.within_s,
        row_number() over (
            partition by n.queue
            order by case when t.queue is null then 1 else 0 end, t.from_date desc nulls last, t.within_s, t.share
        ) as match_no
    from named n
    join targets t
        on t.metric = 'service_level'
        and (t.queue is null or t.queue = n.queue)
        and t.channel is null
        and t.priority is null
        and t.tier is null
        and (t.from_date is null or t.from_date <= $first_date)
        and (t.to_date is null or t.to_date > $first_date)
)
select n.queue, l.concurrency_limit, p.agents_limit, r.share, r.within_s
from named n
cross join people p
left join limits l on l.queue = n.queue
left join ranked r on r.queue = n.queue and r.match_no = 1
order by n.queue
