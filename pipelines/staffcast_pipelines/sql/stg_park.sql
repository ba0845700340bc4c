-- Grain: a stretch in which a conversation was parked: until it is taken, passed on or closed, or until as_of.
with stream as (
    select
        conversation_key,
        event_type,
        at_us,
        lead(at_us) over (partition by conversation_key order by event_no) as next_at_us
    from stg_hold
)
select s.conversation_key, s.at_us as parked_at_us, coalesce(s.next_at_us, p.as_of_us) as parked_end_at_us
from stream s
cross join build_params p
where s.event_type in ('parked', 'snoozed')
