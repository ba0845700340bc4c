-- Grain: a stretch of an agent's presence under one status and one scheduled activity, cut at quarter-hours.
with recorded as (
    select
        s.agent_id,
        s.status,
        s.started_at_us,
        coalesce(
            s.ended_at_us,
            lead(s.started_at_us) over (partition by s.agent_id order by s.started_at_us),
            p.as_of_us
        ) as ended_at_us,
        p.as_of_us
    from agent_status s
    cross join build_params p
    where s.started_at_us < p.as_of_us
),
statuses as (
    select
        agent_id,
        status,
        started_at_us,
        case when ended_at_us < as_of_us then ended_at_us else as_of_us end as ended_at_us
    from recorded
),
plans as (
    select
        s.agent_id,
        s.activity,
        s.started_at_us,
        case when s.ended_at_us < p.as_of_us then s.ended_at_us else p.as_of_us end as ended_at_us
    from schedules s
    cross join build_params p
    where s.started_at_us < p.as_of_us
),
stretches as (
    select agent_id, started_at_us, ended_at_us from statuses
    union all
    select agent_id, started_at_us, ended_at_us from plans
),
cuts as (
    select agent_id, started_at_us as at_us from stretches
    union
    select agent_id, ended_at_us from stretches
    union
    select s.agent_id, d.slot_at_us
    from stretches s
    join dim_slot d on d.slot_at_us > s.started_at_us and d.slot_at_us < s.ended_at_us
    where d.queue = ''
),
segments as (
    select
        agent_id,
        at_us as segment_at_us,
        lead(at_us) over (partition by agent_id order by at_us) as segment_end_at_us
    from cuts
),
present as (
    select g.agent_id, g.segment_at_us, max(s.status) as status
    from segments g
    join statuses s
        on s.agent_id = g.agent_id and g.segment_at_us >= s.started_at_us and g.segment_at_us < s.ended_at_us
    group by g.agent_id, g.segment_at_us
),
planned as (
    select g.agent_id, g.segment_at_us, max(s.activity) as activity
    from segments g
    join plans s
        on s.agent_id = g.agent_id and g.segment_at_us >= s.started_at_us and g.segment_at_us < s.ended_at_us
    group by g.agent_id, g.segment_at_us
),
teams as (
    select agent_id, max(team) as team, max(site) as site from agents group by agent_id
)
select
    g.agent_id,
    e.status,
    n.activity,
    coalesce(lower(e.status) in ('available', 'online', 'ready', 'busy', 'in_chat', 'on_queue'), false)
        as is_productive,
    g.segment_at_us,
    g.segment_end_at_us,
    g.segment_end_at_us - g.segment_at_us as state_us,
    t.team,
    t.site,
    g.segment_at_us as overlap_at_us
from segments g
left join present e on e.agent_id = g.agent_id and e.segment_at_us = g.segment_at_us
left join planned n on n.agent_id = g.agent_id and n.segment_at_us = g.segment_at_us
left join teams t on t.agent_id = g.agent_id
where g.segment_end_at_us is not null and (e.status is not null or n.activity is not null)
