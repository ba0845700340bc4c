-- Grain: an agent's hold of a conversation, from accept to release.
with engaged as (
    select
        leg_key,
        cast(floor(sum(cast(floor(chat_us * 27720 / nullif(k_open, 0)) as bigint)) / 27720) as bigint) as engaged_us
    from fact_leg_load
    group by leg_key
),
owed as (
    select leg_key, cast(floor(sum(owed_share) / 27720) as bigint) as effort_us
    from stg_effort
    group by leg_key
)
select
    l.leg_key,
    l.conversation_key,
    l.agent_id,
    l.end_reason,
    l.accepted_at_us,
    l.released_at_us,
    l.parked_us,
    l.open_us,
    l.wrapup_us,
    case when l.end_reason <> 'open' then l.open_us + l.wrapup_us end as handle_us,
    case when l.end_reason <> 'open' then coalesce(g.engaged_us, 0) end as engaged_us,
    case when l.end_reason <> 'open' then coalesce(f.effort_us, 0) end as effort_us,
    l.accepted_at_us as start_at_us,
    case when l.end_reason <> 'open' then l.released_at_us end as close_at_us
from stg_leg l
left join engaged g on g.leg_key = l.leg_key
left join owed f on f.leg_key = l.leg_key
