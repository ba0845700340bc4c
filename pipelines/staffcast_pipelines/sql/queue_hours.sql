-- Every queue that the data name, with its zone and hours where they are given.
with named as (
    select queue from queues
    union
    select queue from conversations where queue is not null
    union
    select queue from events where queue is not null
    union
    select to_queue from events where to_queue is not null
    union
    select '' as queue
)
select n.queue, max(q.timezone) as timezone, max(q.hours) as hours
from named n
left join queues q on q.queue = n.queue
group by n.queue
order by n.queue
