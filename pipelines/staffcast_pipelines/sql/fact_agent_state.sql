-- Grain: a stretch of an agent's presence under one status and one scheduled activity, cut at quarter-hours.
with recorded as (
    select
        s.agent_id,
        s.status,
        s.started_at_us,
        coalesce(
            s.ended_at_us,
            lead(s.started_at_us) over (
                partition by s.agent_id order by s.started_at_us, s.status, s.source, s.source_account
            ),
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
    select 'status' as kind, agent_id, status as label, started_at_us, ended_at_us
    from statuses
    where ended_at_us > started_at_us
    union all
    select 'plan', agent_id, activity, started_at_us, ended_at_us
    from plans
    where ended_at_us > started_at_us
),
placed as (
    select
        s.*,
        case
            when started_at_us < calendar_from_us then calendar_from_us - 86400000000
            else started_at_us - started_at_us % 86400000000
        end as day_us
    from stretches s
    cross join build_params
),
pieces as (
    select kind, agent_id, label, day_us, started_at_us as from_us, ended_at_us as to_us
    from placed
    where ended_at_us <= day_us + 86400000000
    union all
    select
        p.kind,
        p.agent_id,
        p.label,
        d.day_us,
        case when p.started_at_us > d.day_at_us then p.started_at_us else d.day_at_us end,
        case when p.ended_at_us < d.day_end_us then p.ended_at_us else d.day_end_us end
    from placed p
    join stg_day d on d.day_at_us < p.ended_at_us and d.day_end_us > p.started_at_us
    where p.ended_at_us > p.day_us + 86400000000
),
slots as (
    select slot_at_us, slot_at_us - slot_at_us % 86400000000 as day_us from dim_slot where queue = ''
),
cuts as (
    select agent_id, day_us, from_us as at_us from pieces
    union
    select agent_id, day_us, to_us from pieces
    union
    select p.agent_id, p.day_us, s.slot_at_us
    from pieces p
    join slots s on s.day_us = p.day_us
    where s.slot_at_us > p.from_us and s.slot_at_us < p.to_us
),
segments as (
    select
        agent_id,
        day_us,
        at_us as segment_at_us,
        lead(at_us) over (partition by agent_id, day_us order by at_us) as segment_end_at_us
    from cuts
),
covered as (
    select
        g.agent_id,
        g.segment_at_us,
        g.segment_end_at_us,
        max(case when p.kind = 'status' then p.label end) as status,
        max(case when p.kind = 'plan' then p.label end) as activity
    from segments g
    join pieces p
        on p.agent_id = g.agent_id
        and p.day_us = g.day_us
        and g.segment_at_us >= p.from_us
        and g.segment_at_us < p.to_us
    group by g.agent_id, g.segment_at_us, g.segment_end_at_us
),
teams as (
    select agent_id, max(team) as team, max(site) as site from agents group by agent_id
)
select
    g.agent_id,
    g.status,
    g.activity,
    coalesce(lower(g.status) in ('available', 'online', 'ready', 'busy', 'in_chat', 'on_queue'), false)
        as is_productive,
    g.segment_at_us,
    g.segment_end_at_us,
    g.segment_end_at_us - g.segment_at_us as state_us,
    t.team,
    t.site,
    g.segment_at_us as overlap_at_us
from covered g
left join teams t on t.agent_id = g.agent_id
