-- Grain: a conversation, with the open time that had passed by each of its instants.
-- One join for all instants: as many joins as instants would hold the clock of every queue once for each.
with marks as (
    select conversation_key, queue, 'queued' as mark, queued_at_us as at_us from stg_milestone
    union all
    select conversation_key, queue, 'accepted', accepted_at_us from stg_milestone
    union all
    select conversation_key, queue, 'start', start_at_us from stg_milestone
    union all
    select conversation_key, queue, 'handoff', handoff_at_us from stg_milestone
    union all
    select conversation_key, queue, 'abandoned', abandoned_at_us from stg_milestone
    union all
    select conversation_key, queue, 'first_human', first_human_at_us from stg_milestone
    union all
    select m.conversation_key, m.queue, 'now', p.as_of_us
    from stg_milestone m
    cross join build_params p
    where m.queued_at_us is not null and m.ended_at_us is null
)
select
    m.conversation_key,
    max(case when m.mark = 'queued' then b.elapsed_us end) as to_queued_us,
    max(case when m.mark = 'accepted' then b.elapsed_us end) as to_accepted_us,
    max(case when m.mark = 'start' then b.elapsed_us end) as to_start_us,
    max(case when m.mark = 'handoff' then b.elapsed_us end) as to_handoff_us,
    max(case when m.mark = 'abandoned' then b.elapsed_us end) as to_abandoned_us,
    max(case when m.mark = 'first_human' then b.elapsed_us end) as to_first_human_us,
    max(case when m.mark = 'now' then b.elapsed_us end) as to_now_us
from marks m
join stg_business b on b.queue = coalesce(m.queue, '') and b.at_us = m.at_us
group by m.conversation_key
