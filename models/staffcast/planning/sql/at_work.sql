-- Grain: a local interval of $slots quarter-hours of a day, with the time of agents scheduled for chat work and of
-- those who were available, as far as the facts know it.
with states as (
    select
        agent_id,
        is_chat_work,
        is_productive,
        is_plan_known,
        state_us,
        segment_at_us - segment_at_us % 900000000 as slot_at_us
    from fact_agent_state
)
select
    min(d.slot_at_us) as interval_at_us,
    (d.local_slot - d.local_slot % $slots) * 15 as local_minute,
    cast(sum(case when s.is_chat_work then s.state_us else 0 end) as bigint) as scheduled_us,
    cast(sum(case when s.is_productive then s.state_us else 0 end) as bigint) as available_us,
    count(distinct case when s.is_plan_known then s.agent_id end) as n_planned,
    count(distinct s.agent_id) as n_agents
from dim_slot d
join states s on s.slot_at_us = d.slot_at_us
where d.queue = '' and d.local_date = $local_date
group by (d.local_slot - d.local_slot % $slots) * 15
order by min(d.slot_at_us)
