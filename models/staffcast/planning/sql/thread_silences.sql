-- Grain: a silence of the customer in a messaging thread, from a human reply to the customer's next message, with the
-- part of it before the thread was parked.
with turns as (
    select
        turn_key,
        conversation_key,
        coalesce(queue, '') as queue,
        turn_at_us,
        is_after_parking,
        lag(replied_at_us) over (partition by conversation_key order by turn_at_us, turn_key) as silent_from_us
    from fact_turn
    where mode = 'messaging'
),
parks as (
    select conversation_key, from_at_us from fact_open_span where is_parked
)
select
    t.queue,
    max(t.turn_at_us - t.silent_from_us) as silence_us,
    min(p.from_at_us - t.silent_from_us) as held_us
from turns t
left join parks p
    on p.conversation_key = t.conversation_key
    and t.is_after_parking
    and p.from_at_us > t.silent_from_us
    and p.from_at_us <= t.turn_at_us
where t.turn_at_us >= t.silent_from_us
group by t.queue, t.turn_key
order by t.queue, silence_us, held_us nulls last
