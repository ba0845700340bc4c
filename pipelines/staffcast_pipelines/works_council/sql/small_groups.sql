-- Teams (or sites) with too few agents at work on a local day. Smaller ones take the next larger with them until
-- those without a name are enough: else the total minus the rest would tell what was withheld.
with members as (
    select overlap_date as local_day, {{label}} as label, agent_id from facts.fact_agent_load
    union
    select overlap_date, {{label}}, agent_id from facts.fact_agent_state
),
sizes as (
    select local_day, label, count(distinct agent_id) as n_agents from members group by local_day, label
),
ranked as (
    select
        local_day,
        label,
        n_agents,
        coalesce(
            sum(n_agents) over (
                partition by local_day
                order by case when label is null then 0 else 1 end, n_agents, label
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as n_before
    from sizes
)
select local_day, label
from ranked
where label is not null and (n_agents < $min_group or (n_before > 0 and n_before < $min_group))
