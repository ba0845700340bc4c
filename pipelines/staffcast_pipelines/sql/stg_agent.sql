-- Grain: a person whom the agents table, presence or schedules name; '' stands for everybody else.
-- What an agent may hold and costs is as of now. Presence and plans count as recorded from their first row on.
with listed as (
    select
        agent_id,
        max(team) as team,
        max(site) as site,
        max(case when type = 'bot' then 1 else 0 end) as is_bot,
        max(max_concurrency) as max_concurrency,
        max(hourly_cost) as hourly_cost
    from agents
    group by agent_id
),
queue_limits as (
    select queue, max(max_concurrency) as max_concurrency from queues group by queue
),
defaults as (
    select coalesce(min(q.max_concurrency), p.concurrency_limit) as slots, p.agent_hourly_cost_micros
    from build_params p
    left join queue_limits q on q.max_concurrency > 0
    group by p.concurrency_limit, p.agent_hourly_cost_micros
),
present as (
    select agent_id, min(started_at_us) as first_status_at_us
    from agent_status
    where ended_at_us is null or ended_at_us > started_at_us
    group by agent_id
),
scheduled as (
    select agent_id, min(started_at_us) as first_plan_at_us
    from schedules
    where ended_at_us > started_at_us
    group by agent_id
),
known as (
    select agent_id from listed
    union
    select agent_id from present
    union
    select agent_id from scheduled
    union
    select ''
)
select
    k.agent_id,
    l.team,
    l.site,
    coalesce(l.is_bot, 0) = 1 as is_bot,
    case when l.max_concurrency > 0 then l.max_concurrency else d.slots end as slots,
    nullif(
        case
            when l.hourly_cost > 0 then cast(floor((l.hourly_cost * 2000000 + 1) / 2) as bigint)
            else d.agent_hourly_cost_micros
        end,
        0
    ) as hourly_cost_micros,
    s.first_status_at_us,
    c.first_plan_at_us
from known k
cross join defaults d
left join listed l on l.agent_id = k.agent_id
left join present s on s.agent_id = k.agent_id
left join scheduled c on c.agent_id = k.agent_id
