-- Grain: an unbroken stretch in which an agent holds a conversation (parked time lies between stretches).
with states as (
    select
        conversation_key,
        leg_no,
        agent_id,
        event_type,
        at_us,
        lead(at_us) over (partition by conversation_key order by event_no) as next_at_us
    from stg_hold
)
select
    s.conversation_key,
    s.conversation_key || '#' || cast(s.leg_no as string) as leg_key,
    s.leg_no,
    s.agent_id,
    s.at_us as span_at_us,
    coalesce(s.next_at_us, p.as_of_us) as span_end_at_us
from states s
cross join build_params p
where
    s.event_type in ('accepted', 'resumed')
    and s.leg_no > 0
    and s.agent_id is not null
    and coalesce(s.next_at_us, p.as_of_us) > s.at_us
