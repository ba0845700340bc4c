-- Everybody at the desk's average cost and limit: an hourly cost or limit of one's own would link the labels of days.
update facts.fact_agent_state f
set cost_micros = l.cost_micros
from (
    with paid as (
        select
            agent_id,
            segment_at_us,
            cost_micros,
            sum(state_us) over (order by segment_at_us, agent_id rows between unbounded preceding and current row)
                as paid_to,
            state_us,
            sum(state_us) over () as paid_all,
            sum(cost_micros) over () as cost_all
        from facts.fact_agent_state
        where paid = 'paid' and cost_micros is not null
    )
    select
        agent_id,
        segment_at_us,
        cast(floor(cost_all * (paid_to / paid_all)) - floor(cost_all * ((paid_to - state_us) / paid_all)) as bigint)
            as cost_micros
    from paid
) l
where l.agent_id = f.agent_id and l.segment_at_us = f.segment_at_us;

update facts.fact_agent_state f
set slots = null, slot_us = l.slot_us
from (
    with able as (
        select
            agent_id,
            segment_at_us,
            state_us,
            sum(state_us) over (
                partition by is_productive, is_presence_known
                order by segment_at_us, agent_id
                rows between unbounded preceding and current row
            ) as state_to,
            sum(state_us) over (partition by is_productive, is_presence_known) as state_all,
            sum(slot_us) over (partition by is_productive, is_presence_known) as slot_all
        from facts.fact_agent_state
    )
    select
        agent_id,
        segment_at_us,
        cast(floor(slot_all * (state_to / state_all)) - floor(slot_all * ((state_to - state_us) / state_all)) as bigint)
            as slot_us
    from able
) l
where l.agent_id = f.agent_id and l.segment_at_us = f.segment_at_us
