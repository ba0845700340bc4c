-- Grain: a stretch of an agent's time after as_of under one scheduled activity, cut at quarter-hours.
with slots as (
    select slot_at_us, slot_at_us + 900000000 as slot_end_us, slot_at_us - slot_at_us % 86400000000 as day_us
    from dim_slot
    where queue = ''
),
pieces as (
    select
        p.agent_id,
        p.label as activity,
        p.is_chat_work,
        case when p.from_us > s.slot_at_us then p.from_us else s.slot_at_us end as segment_at_us,
        case when p.to_us < s.slot_end_us then p.to_us else s.slot_end_us end as segment_end_at_us
    from stg_presence p
    join slots s on s.day_us = p.day_us and s.slot_at_us < p.to_us and s.slot_end_us > p.from_us
    where p.kind = 'ahead'
)
select
    agent_id,
    activity,
    is_chat_work,
    segment_at_us,
    segment_end_at_us,
    segment_end_at_us - segment_at_us as scheduled_us,
    segment_at_us as overlap_at_us
from pieces
