-- Grain: a queue, a local day, a band of four hours and a concurrency level, with the active chat time spent at it and
-- the chats that ended at it.
select
    coalesce(queue, '') as queue,
    overlap_date as local_date,
    overlap_hour - overlap_hour % 4 as hour,
    k_active as level,
    cast(sum(chat_us) as bigint) as chat_us,
    count(*) filter (where ends_chat) as n_closures
from fact_leg_load
where is_active and k_active > 0
group by coalesce(queue, ''), overlap_date, overlap_hour - overlap_hour % 4, k_active
order by coalesce(queue, ''), overlap_date, overlap_hour - overlap_hour % 4, k_active
