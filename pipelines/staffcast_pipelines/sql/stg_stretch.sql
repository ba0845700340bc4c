-- Grain: a stretch of a leg within a UTC day in which the chat was open, was active, or was owed a message.
-- An agent's load on a day depends on the stretches of that day alone.
with stretches as (
    select 'open' as kind, leg_key, conversation_key, agent_id, span_at_us as from_us, span_end_at_us as to_us
    from stg_span
    union all
    select 'active', leg_key, conversation_key, agent_id, active_at_us, active_end_at_us
    from stg_active
    union all
    select
        'owed',
        s.leg_key,
        s.conversation_key,
        s.agent_id,
        case when t.asked_at_us > s.span_at_us then t.asked_at_us else s.span_at_us end,
        case when t.owed_end_at_us < s.span_end_at_us then t.owed_end_at_us else s.span_end_at_us end
    from stg_span s
    join stg_turn t on t.conversation_key = s.conversation_key
    where t.asked_at_us < s.span_end_at_us and t.owed_end_at_us > s.span_at_us and t.owed_end_at_us > t.asked_at_us
),
placed as (
    select
        s.*,
        case
            when from_us < calendar_from_us then calendar_from_us - 86400000000
            else from_us - from_us % 86400000000
        end as day_us
    from stretches s
    cross join build_params
),
within_a_day as (
    select p.*, p.to_us <= p.day_us + 86400000000 as is_within
    from placed p
)
select kind, leg_key, conversation_key, agent_id, day_us, from_us, to_us
from within_a_day
where is_within
union all
select
    s.kind,
    s.leg_key,
    s.conversation_key,
    s.agent_id,
    d.day_us,
    case when s.from_us > d.day_at_us then s.from_us else d.day_at_us end,
    case when s.to_us < d.day_end_us then s.to_us else d.day_end_us end
from within_a_day s
join stg_day d on d.day_at_us < s.to_us and d.day_end_us > s.from_us
where not s.is_within
