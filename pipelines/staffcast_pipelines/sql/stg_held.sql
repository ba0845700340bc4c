-- Grain: a quarter-hour in which a leg was held. A step of its own, so that load is looked up by agent and slot:
-- within one statement an engine may put agents' whole histories beside one another first.
select
    s.leg_key,
    s.conversation_key,
    s.agent_id,
    s.span_at_us,
    s.span_end_at_us,
    d.slot_at_us
from stg_span s
join dim_slot d
    on d.slot_at_us >= s.span_at_us - s.span_at_us % 900000000 and d.slot_at_us < s.span_end_at_us
where d.queue = ''
