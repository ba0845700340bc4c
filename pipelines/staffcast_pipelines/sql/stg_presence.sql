-- Grain: a stretch of an agent's UTC day under one status, or under one scheduled activity: overlaps are resolved.
-- What is scheduled up to as_of is 'plan', what is scheduled from then on 'ahead'.
-- Of rows that cover an instant the one that began last holds, then the one that ends first: a break inside a shift
-- is a break. A status without an end lasts until the next. What lies before the calendar has no date and is left out.
with recorded as (
    select
        'status' as kind,
        agent_id,
        status as label,
        cast(null as string) as paid,
        cast(null as string) as planned,
        started_at_us,
        coalesce(
            ended_at_us,
            lead(started_at_us) over (
                partition by agent_id order by started_at_us, status, source, source_account
            )
        ) as ended_at_us
    from agent_status
    union all
    select
        'plan',
        agent_id,
        activity,
        case when paid then 'paid' when not paid then 'unpaid' end,
        case when not planned then 'unplanned' else 'planned' end,
        started_at_us,
        ended_at_us
    from schedules
),
of_people as (
    select r.*
    from recorded r
    left join stg_agent a on a.agent_id = r.agent_id and a.is_bot
    where a.agent_id is null
),
clipped as (
    select
        r.*,
        case when r.started_at_us < p.calendar_from_us then p.calendar_from_us else r.started_at_us end as from_us,
        case when r.ended_at_us < p.as_of_us then r.ended_at_us else p.as_of_us end as to_us
    from of_people r
    cross join build_params p
    union all
    select
        'ahead',
        r.agent_id,
        r.label,
        r.paid,
        r.planned,
        r.started_at_us,
        r.ended_at_us,
        case when r.started_at_us < p.as_of_us then p.as_of_us else r.started_at_us end,
        r.ended_at_us
    from of_people r
    cross join build_params p
    where r.kind = 'plan'
),
placed as (
    select c.*, c.from_us - c.from_us % 86400000000 as day_us
    from clipped c
    where c.to_us > c.from_us
),
pieces as (
    select kind, agent_id, label, paid, planned, started_at_us, ended_at_us, day_us, from_us, to_us
    from placed
    where to_us <= day_us + 86400000000
    union all
    select
        p.kind,
        p.agent_id,
        p.label,
        p.paid,
        p.planned,
        p.started_at_us,
        p.ended_at_us,
        d.day_us,
        case when p.from_us > d.day_at_us then p.from_us else d.day_at_us end,
        case when p.to_us < d.day_end_us then p.to_us else d.day_end_us end
    from placed p
    join stg_day d on d.day_at_us < p.to_us and d.day_end_us > p.from_us
    where p.to_us > p.day_us + 86400000000
),
cuts as (
    select kind, agent_id, day_us, from_us as at_us from pieces
    union
    select kind, agent_id, day_us, to_us from pieces
),
segments as (
    select
        kind,
        agent_id,
        day_us,
        at_us as from_us,
        lead(at_us) over (partition by kind, agent_id, day_us order by at_us) as to_us
    from cuts
),
candidates as (
    select
        g.kind,
        g.agent_id,
        g.day_us,
        g.from_us,
        g.to_us,
        p.label,
        p.paid,
        p.planned,
        row_number() over (
            partition by g.kind, g.agent_id, g.from_us
            order by
                p.started_at_us desc, coalesce(p.ended_at_us, p.to_us), p.label, coalesce(p.paid, ''), p.planned
        ) as candidate_no
    from segments g
    join pieces p
        on p.kind = g.kind
        and p.agent_id = g.agent_id
        and p.day_us = g.day_us
        and p.from_us <= g.from_us
        and p.to_us > g.from_us
)
select
    kind,
    agent_id,
    day_us,
    from_us,
    to_us,
    label,
    paid,
    planned,
    kind <> 'status'
    and lower(label) in (
        'shift', 'chat', 'chats', 'live_chat', 'messaging', 'work', 'working', 'available', 'on_queue', 'queue'
    ) as is_chat_work
from candidates
where candidate_no = 1
