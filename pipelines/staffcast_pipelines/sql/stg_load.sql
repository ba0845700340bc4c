-- Grain: a stretch of an agent's time with a constant number of open and active chats, cut at quarter-hours.
-- Simultaneous events are netted before the running sum, so a hand-over at one instant shows no dent or peak.
with slots as (
    select slot_at_us, slot_at_us - slot_at_us % 86400000000 as day_us
    from dim_slot
    where queue = ''
),
agent_days as (
    select distinct agent_id, day_us from stg_stretch where kind = 'open'
),
points as (
    select
        agent_id,
        day_us,
        from_us as at_us,
        case when kind = 'open' then 1 else 0 end as d_open,
        case when kind = 'active' then 1 else 0 end as d_active
    from stg_stretch
    where kind <> 'owed'
    union all
    select
        agent_id,
        day_us,
        to_us,
        case when kind = 'open' then -1 else 0 end,
        case when kind = 'active' then -1 else 0 end
    from stg_stretch
    where kind <> 'owed'
    union all
    select a.agent_id, a.day_us, s.slot_at_us, 0, 0
    from agent_days a
    join slots s on s.day_us = a.day_us
),
netted as (
    select agent_id, day_us, at_us, sum(d_open) as d_open, sum(d_active) as d_active
    from points
    group by agent_id, day_us, at_us
),
running as (
    select
        agent_id,
        day_us,
        at_us as segment_at_us,
        lead(at_us) over (partition by agent_id, day_us order by at_us) as segment_end_at_us,
        sum(d_open) over (
            partition by agent_id, day_us order by at_us rows between unbounded preceding and current row
        ) as k_open,
        sum(d_active) over (
            partition by agent_id, day_us order by at_us rows between unbounded preceding and current row
        ) as k_active
    from netted
)
select
    agent_id,
    day_us,
    segment_at_us,
    segment_end_at_us,
    segment_at_us - segment_at_us % 900000000 as slot_at_us,
    cast(k_open as bigint) as k_open,
    cast(k_active as bigint) as k_active
from running
where k_open > 0 and segment_end_at_us is not null
