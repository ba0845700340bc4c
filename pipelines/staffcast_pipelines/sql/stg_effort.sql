-- Grain: a leg, with the time in which it was owed a message, shared over all messages that the agent owed.
-- Shares are integers in 1/27720 microseconds (divisible by 1 .. 12), so sums do not depend on their order.
with owed as (
    select
        s.leg_key,
        s.agent_id,
        case when t.asked_at_us > s.span_at_us then t.asked_at_us else s.span_at_us end as owed_at_us,
        case when t.owed_end_at_us < s.span_end_at_us then t.owed_end_at_us else s.span_end_at_us end as owed_end_at_us
    from stg_span s
    join stg_turn t on t.conversation_key = s.conversation_key
),
stretches as (
    select leg_key, agent_id, owed_at_us, owed_end_at_us from owed where owed_end_at_us > owed_at_us
),
points as (
    select agent_id, owed_at_us as at_us, 1 as d_owed from stretches
    union all
    select agent_id, owed_end_at_us, -1 from stretches
),
netted as (
    select agent_id, at_us, sum(d_owed) as d_owed from points group by agent_id, at_us
),
running as (
    select
        agent_id,
        at_us,
        lag(at_us) over (partition by agent_id order by at_us) as previous_at_us,
        coalesce(
            sum(d_owed) over (partition by agent_id order by at_us rows between unbounded preceding and 1 preceding),
            0
        ) as k_before
    from netted
),
integral as (
    select
        agent_id,
        at_us,
        sum(
            case
                when k_before > 0
                    then cast(floor((at_us - previous_at_us) * 27720 / nullif(k_before, 0)) as bigint)
                else 0
            end
        ) over (partition by agent_id order by at_us rows between unbounded preceding and current row) as shared
    from running
)
select s.leg_key, cast(floor(sum(e.shared - b.shared) / 27720) as bigint) as effort_us
from stretches s
join integral b on b.agent_id = s.agent_id and b.at_us = s.owed_at_us
join integral e on e.agent_id = s.agent_id and e.at_us = s.owed_end_at_us
group by s.leg_key
