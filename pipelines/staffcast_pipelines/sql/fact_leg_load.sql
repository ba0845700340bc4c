-- Grain: a stretch of a leg during which the agent's load does not change.
with segments as (
    select
        h.leg_key,
        h.conversation_key,
        h.agent_id,
        l.segment_at_us,
        l.segment_end_at_us,
        l.k_open,
        l.k_active
    from stg_held h
    join stg_load l
        on l.agent_id = h.agent_id
        and l.slot_at_us = h.slot_at_us
        and l.segment_at_us >= h.span_at_us
        and l.segment_end_at_us <= h.span_end_at_us
),
active as (
    select
        s.leg_key,
        s.segment_at_us,
        true as is_active
    from segments s
    join stg_active a
        on a.leg_key = s.leg_key
        and s.segment_at_us >= a.active_at_us
        and s.segment_end_at_us <= a.active_end_at_us
),
last_active as (
    select a.leg_key, max(a.segment_at_us) as last_segment_at_us
    from active a
    join stg_leg g on g.leg_key = a.leg_key
    where g.end_reason <> 'open'
    group by a.leg_key
)
select
    s.leg_key,
    s.conversation_key,
    s.agent_id,
    coalesce(a.is_active, false) as is_active,
    l.last_segment_at_us is not null as ends_chat,
    s.segment_at_us,
    s.segment_end_at_us,
    s.segment_end_at_us - s.segment_at_us as chat_us,
    s.k_open,
    s.k_active,
    s.segment_at_us as overlap_at_us
from segments s
left join active a on a.leg_key = s.leg_key and a.segment_at_us = s.segment_at_us
left join last_active l on l.leg_key = s.leg_key and l.last_segment_at_us = s.segment_at_us
