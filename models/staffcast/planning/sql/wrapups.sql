-- Grain: a queue, with the wrap-up time of its ended legs, and the chats that customers opened and the legs of these.
select
    coalesce(queue, '') as queue,
    cast(sum(wrapup_us) as bigint) as wrapup_us,
    count(*) as n_legs,
    count(*) filter (where initiated_by <> 'agent') as n_inbound_legs,
    count(distinct case when initiated_by <> 'agent' then conversation_key end) as n_inbound_chats
from fact_leg
where end_reason <> 'open'
group by coalesce(queue, '')
order by coalesce(queue, '')
