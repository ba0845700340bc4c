-- Grain: a queue, with the customers' contacts that it was offered, how many were messaging threads, and the work
-- and replies of the threads that ended.
with legs as (
    select
        conversation_key,
        sum(effort_us) as effort_us,
        sum(wrapup_us) as wrapup_us,
        sum(idle_tail_us) as tail_us
    from fact_leg
    where mode = 'messaging'
    group by conversation_key
),
replies as (
    select conversation_key, count(*) as n_replies
    from fact_turn
    where mode = 'messaging' and is_answered
    group by conversation_key
)
select
    coalesce(c.queue, '') as queue,
    count(*) as n_contacts,
    count(*) filter (where c.mode = 'messaging') as n_threads,
    count(*) filter (where c.is_ended and r.n_replies > 0) as n_ended,
    cast(sum(case when c.is_ended and r.n_replies > 0 then l.effort_us end) as bigint) as effort_us,
    cast(sum(case when c.is_ended and r.n_replies > 0 then l.wrapup_us end) as bigint) as wrapup_us,
    cast(sum(case when c.is_ended and r.n_replies > 0 then l.tail_us end) as bigint) as tail_us,
    cast(sum(case when c.is_ended then r.n_replies end) as bigint) as n_replies
from fact_conversation c
left join legs l on l.conversation_key = c.conversation_key
left join replies r on r.conversation_key = c.conversation_key
where c.is_offered
group by coalesce(c.queue, '')
order by coalesce(c.queue, '')
