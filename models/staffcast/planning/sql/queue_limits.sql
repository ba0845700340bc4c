-- Grain: a queue, with the concurrency limit and the service-level target that the data bring for it.
with ranked as (
    select
        q.queue,
        t.share,
        t.within_s,
        row_number() over (
            partition by q.queue
            order by
                case when t.queue is null then 1 else 0 end,
                case when t.channel is null and t.priority is null and t.tier is null then 0 else 1 end,
                t.from_date desc nulls last
        ) as match_no
    from queues q
    left join targets t
        on t.metric = 'service_level'
        and (t.queue is null or t.queue = q.queue)
        and t.priority is null
        and t.tier is null
        and (t.from_date is null or t.from_date <= $first_date)
        and (t.to_date is null or t.to_date > $first_date)
)
select q.queue, max(q.max_concurrency) as concurrency_limit, max(r.share) as share, max(r.within_s) as within_s
from queues q
left join ranked r on r.queue = q.queue and r.match_no = 1
group by q.queue
order by q.queue
