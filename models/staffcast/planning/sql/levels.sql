-- Grain: a queue and a concurrency level, with the active chat time spent at it and the chats that ended at it.
select
    coalesce(queue, '') as queue,
    k_active as level,
    cast(sum(chat_us) as bigint) as chat_us,
    count(*) filter (where ends_chat) as n_closures
from fact_leg_load
where is_active and k_active > 0
group by coalesce(queue, ''), k_active
order by coalesce(queue, ''), k_active
