-- Grain: a queue ('*' = the desk) whose chats fewer than $min_group agents held on the day with most of them.
-- Under the works-council profile an agent's label begins with its day and is good for that day only.
with legs as (
    select coalesce(queue, '') as queue, agent_id from fact_leg
    union all
    select '*', agent_id from fact_leg
),
days as (
    select queue, substr(agent_id, 1, 10) as local_day, count(distinct agent_id) as n_agents
    from legs
    group by queue, substr(agent_id, 1, 10)
)
select queue
from days
group by queue
having max(n_agents) < $min_group
order by queue
