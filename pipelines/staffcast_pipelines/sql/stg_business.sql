-- Grain: a queue and an instant, with the open time that had passed by then: the business clock F(t).
-- Opening, closing and open time before are monotone, so a running maximum finds the latest interval.
with instants as (
    select queue, queued_at_us as at_us from stg_milestone
    union
    select queue, accepted_at_us from stg_milestone
    union
    select queue, abandoned_at_us from stg_milestone
    union
    select queue, first_human_at_us from stg_milestone
    union
    select queue, start_at_us from stg_milestone
    union
    select queue, handoff_at_us from stg_milestone
    union
    select m.queue, p.as_of_us from stg_milestone m cross join build_params p
    union
    select queue, entered_at_us from stg_entry
    union
    select queue, left_at_us from stg_entry
    union
    select d.queue, t.turn_at_us from stg_turn t join stg_dimension d on d.conversation_key = t.conversation_key
    union
    select d.queue, t.owed_end_at_us from stg_turn t join stg_dimension d on d.conversation_key = t.conversation_key
),
points as (
    select
        coalesce(queue, '') as queue,
        at_us,
        1 as is_instant,
        null as opens_at_us,
        null as closes_at_us,
        null as before_us
    from instants
    where at_us is not null
    union all
    select queue, opens_at_us, 0, opens_at_us, closes_at_us, before_us from calendar_span
),
latest as (
    select
        queue,
        at_us,
        is_instant,
        max(opens_at_us) over w as opens_at_us,
        max(closes_at_us) over w as closes_at_us,
        max(before_us) over w as before_us
    from points
    window w as (partition by queue order by at_us, is_instant rows between unbounded preceding and current row)
),
calendars as (
    select distinct queue from calendar_span
)
select
    l.queue,
    l.at_us,
    coalesce(l.before_us, 0)
    + coalesce(case when l.at_us < l.closes_at_us then l.at_us else l.closes_at_us end - l.opens_at_us, 0)
        as elapsed_us
from latest l
join calendars c on c.queue = l.queue
where l.is_instant = 1
