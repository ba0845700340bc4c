-- Grain: a stretch of an agent's time with a constant number of open and active chats, cut at quarter-hours.
-- Simultaneous events are netted before the running sum, so a hand-over at one instant shows no dent or peak.
with slots as (
    select slot_at_us, slot_at_us - slot_at_us % 86400000000 as day_us
    from dim_slot
    where queue = ''
),
span_days as (
    select distinct
        agent_id,
        span_at_us - span_at_us % 86400000000 as first_day_us,
        span_end_at_us - span_end_at_us % 86400000000 as last_day_us
    from stg_span
),
days as (
    select distinct day_us from slots
),
agent_days as (
    select distinct s.agent_id, d.day_us
    from span_days s
    join days d on d.day_us between s.first_day_us and s.last_day_us
),
points as (
    select agent_id, span_at_us as at_us, 1 as d_open, 0 as d_active from stg_span
    union all
    select agent_id, span_end_at_us, -1, 0 from stg_span
    union all
    select agent_id, active_at_us, 0, 1 from stg_active
    union all
    select agent_id, active_end_at_us, 0, -1 from stg_active
    union all
    select a.agent_id, s.slot_at_us, 0, 0 from agent_days a join slots s on s.day_us = a.day_us
),
netted as (
    select agent_id, at_us, sum(d_open) as d_open, sum(d_active) as d_active
    from points
    group by agent_id, at_us
),
running as (
    select
        agent_id,
        at_us as segment_at_us,
        lead(at_us) over (partition by agent_id order by at_us) as segment_end_at_us,
        sum(d_open) over (partition by agent_id order by at_us rows between unbounded preceding and current row)
            as k_open,
        sum(d_active) over (partition by agent_id order by at_us rows between unbounded preceding and current row)
            as k_active
    from netted
)
select
    agent_id,
    segment_at_us,
    segment_end_at_us,
    segment_at_us - segment_at_us % 900000000 as slot_at_us,
    k_open,
    k_active
from running
where k_open > 0 and segment_end_at_us is not null
