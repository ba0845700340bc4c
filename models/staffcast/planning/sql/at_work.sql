-- Grain: a local interval of $slots quarter-hours of a day, with the time of agents scheduled for chat work and of
-- those who were available. What is scheduled after the present is 'ahead'.
with work as (
    select
        agent_id,
        case when is_chat_work then state_us else 0 end as scheduled_us,
        case when is_productive then state_us else 0 end as available_us,
        0 as ahead_us,
        case when activity is not null then state_us else 0 end as planned_us,
        segment_at_us - segment_at_us % 900000000 as slot_at_us
    from fact_agent_state
    union all
    select
        agent_id,
        case when is_chat_work then scheduled_us else 0 end,
        0,
        scheduled_us,
        scheduled_us,
        segment_at_us - segment_at_us % 900000000
    from fact_schedule_ahead
)
select
    min(d.slot_at_us) as interval_at_us,
    (d.local_slot - d.local_slot % $slots) * 15 as local_minute,
    cast(coalesce(sum(w.scheduled_us), 0) as bigint) as scheduled_us,
    cast(coalesce(sum(w.available_us), 0) as bigint) as available_us,
    cast(coalesce(sum(w.planned_us), 0) as bigint) as planned_us,
    cast(coalesce(sum(w.ahead_us), 0) as bigint) as ahead_us,
    count(distinct w.agent_id) as n_agents
from dim_slot d
left join work w on w.slot_at_us = d.slot_at_us
where d.queue = '' and d.local_date = $local_date
group by (d.local_slot - d.local_slot % $slots) * 15
order by min(d.slot_at_us)
