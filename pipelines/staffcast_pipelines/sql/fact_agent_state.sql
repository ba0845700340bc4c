-- Grain: a stretch of an agent's time in which status, scheduled activity and chats held stay the same, cut at
-- quarter-hours: whenever there is one of the three.
with stretches as (
    select kind, agent_id, day_us, from_us, to_us from stg_presence where kind <> 'ahead'
    union all
    select
        'load',
        l.agent_id,
        l.segment_at_us - l.segment_at_us % 86400000000,
        l.segment_at_us,
        l.segment_end_at_us
    from fact_agent_load l
    cross join build_params p
    where l.segment_at_us >= p.calendar_from_us
),
agent_days as (
    select distinct agent_id, day_us from stretches
),
slots as (
    select slot_at_us, slot_at_us - slot_at_us % 86400000000 as day_us from dim_slot where queue = ''
),
points as (
    select
        agent_id,
        day_us,
        from_us as at_us,
        case when kind = 'status' then from_us end as status_at_us,
        case when kind = 'plan' then from_us end as plan_at_us,
        case when kind = 'load' then from_us end as load_at_us
    from stretches
    union all
    select agent_id, day_us, to_us, cast(null as bigint), cast(null as bigint), cast(null as bigint)
    from stretches
    union all
    select a.agent_id, a.day_us, s.slot_at_us, cast(null as bigint), cast(null as bigint), cast(null as bigint)
    from agent_days a
    join slots s on s.day_us = a.day_us
),
netted as (
    select
        agent_id,
        day_us,
        at_us,
        max(status_at_us) as status_at_us,
        max(plan_at_us) as plan_at_us,
        max(load_at_us) as load_at_us
    from points
    group by agent_id, day_us, at_us
),
running as (
    select
        agent_id,
        at_us,
        lead(at_us) over (partition by agent_id, day_us order by at_us) as end_at_us,
        max(status_at_us) over (
            partition by agent_id, day_us order by at_us rows between unbounded preceding and current row
        ) as status_at_us,
        max(plan_at_us) over (
            partition by agent_id, day_us order by at_us rows between unbounded preceding and current row
        ) as plan_at_us,
        max(load_at_us) over (
            partition by agent_id, day_us order by at_us rows between unbounded preceding and current row
        ) as load_at_us
    from netted
),
joined as (
    select
        r.agent_id,
        r.at_us,
        r.end_at_us,
        r.end_at_us - r.at_us as state_us,
        s.label as status,
        p.label as activity,
        p.paid,
        p.planned,
        coalesce(l.k_open, 0) as k_open,
        coalesce(l.k_active, 0) as k_active,
        coalesce(a.slots, d.slots) as slots,
        case when a.agent_id is null then d.hourly_cost_micros else a.hourly_cost_micros end as hourly_cost_micros,
        a.team,
        a.site,
        coalesce(r.at_us >= a.first_status_at_us, false) as is_presence_known,
        coalesce(r.at_us >= a.first_plan_at_us, false) as is_plan_known,
        coalesce(lower(s.label) in ('available', 'online', 'ready', 'busy', 'in_chat', 'on_queue'), false)
            as is_productive,
        coalesce(p.is_chat_work, false) as is_chat_work
    from running r
    cross join stg_agent d
    left join stg_agent a on a.agent_id = r.agent_id and a.agent_id <> ''
    left join stg_presence s
        on s.kind = 'status' and s.agent_id = r.agent_id and s.from_us = r.status_at_us and s.to_us > r.at_us
    left join stg_presence p
        on p.kind = 'plan' and p.agent_id = r.agent_id and p.from_us = r.plan_at_us and p.to_us > r.at_us
    left join fact_agent_load l
        on l.agent_id = r.agent_id and l.segment_at_us = r.load_at_us and l.segment_end_at_us > r.at_us
    where
        d.agent_id = ''
        and r.end_at_us is not null
        and (s.agent_id is not null or p.agent_id is not null or l.agent_id is not null)
),
judged as (
    select
        j.*,
        activity is not null and is_presence_known and is_chat_work and not is_productive as is_away
    from joined j
)
select
    agent_id,
    status,
    activity,
    case
        when is_away then 'away'
        when activity is not null and not is_chat_work then lower(activity)
    end as shrinkage_category,
    paid,
    case when is_away then 'unplanned' else planned end as planned,
    is_productive,
    is_presence_known,
    is_plan_known,
    is_chat_work,
    activity is not null and is_presence_known and is_chat_work = is_productive as is_adherent,
    at_us as segment_at_us,
    end_at_us as segment_end_at_us,
    state_us,
    k_open,
    k_active,
    slots,
    case when k_open > 0 then state_us else 0 end as busy_us,
    case when k_active > 0 then state_us else 0 end as active_busy_us,
    k_open * state_us as open_chat_us,
    slots * state_us as slot_us,
    case
        when not is_plan_known or hourly_cost_micros is null then cast(null as bigint)
        when activity is null or paid = 'unpaid' then 0
        when paid = 'paid' then cast(floor(cast(state_us as double) * hourly_cost_micros / 3600000000) as bigint)
    end as cost_micros,
    team,
    site,
    at_us as overlap_at_us
from judged
