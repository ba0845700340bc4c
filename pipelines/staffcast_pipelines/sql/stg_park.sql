-- Grain: a stretch in which a conversation was parked: until it is taken, passed on or closed, until it ended
-- otherwise, or until as_of.
with stream as (
    select
        conversation_key,
        event_type,
        at_us,
        lead(at_us) over (partition by conversation_key order by event_no) as next_at_us
    from stg_hold
),
ends as (
    select
        s.conversation_key,
        s.at_us as parked_at_us,
        coalesce(s.next_at_us, m.ended_at_us, p.as_of_us) as parked_end_at_us
    from stream s
    join stg_milestone m on m.conversation_key = s.conversation_key
    cross join build_params p
    where s.event_type in ('parked', 'snoozed')
)
select conversation_key, parked_at_us, parked_end_at_us
from ends
where parked_end_at_us > parked_at_us
