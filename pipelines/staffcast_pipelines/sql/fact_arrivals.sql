-- Grain: a quarter-hour of a queue up to as_of, with zeroes where it was open and nobody came.
with counted as (
    select
        coalesce(queue, '') as queue,
        queued_at_us - queued_at_us % 900000000 as slot_at_us,
        count(*) as n_offered,
        count(*) filter (where is_answered) as n_answered,
        count(*) filter (where is_abandoned) as n_abandoned
    from fact_conversation
    where is_offered
    group by coalesce(queue, ''), queued_at_us - queued_at_us % 900000000
),
began as (
    select min(slot_at_us) as first_slot_at_us from counted
),
queues_seen as (
    select queue from counted
    union
    select queue from calendar_span where queue <> ''
)
select
    q.queue,
    d.slot_at_us,
    coalesce(h.local_slot, d.local_slot) as queue_slot,
    case when h.queue is null then d.open_us else h.open_us end as open_us,
    coalesce(c.n_offered, 0) as n_offered,
    coalesce(c.n_answered, 0) as n_answered,
    coalesce(c.n_abandoned, 0) as n_abandoned,
    d.slot_at_us as queue_at_us
from queues_seen q
cross join dim_slot d
cross join build_params p
cross join began b
left join dim_slot h on h.queue = q.queue and h.slot_at_us = d.slot_at_us and q.queue <> ''
left join counted c on c.queue = q.queue and c.slot_at_us = d.slot_at_us
where
    d.queue = ''
    and d.slot_at_us >= b.first_slot_at_us
    and d.slot_at_us <= p.as_of_us
    and (h.queue is null or h.open_us > 0 or c.n_offered is not null)
