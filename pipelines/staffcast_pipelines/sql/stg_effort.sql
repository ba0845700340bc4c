-- Grain: a leg on a UTC day, with the time in which it was owed a message, shared over all that the agent owed.
-- Shares are integers in 1/27720 microseconds (divisible by 1 .. 12), so sums do not depend on their order.
with stretches as (
    select leg_key, conversation_key, agent_id, day_us, from_us, to_us from stg_stretch where kind = 'owed'
),
points as (
    select agent_id, day_us, from_us as at_us, 1 as d_owed from stretches
    union all
    select agent_id, day_us, to_us, -1 from stretches
),
netted as (
    select agent_id, day_us, at_us, sum(d_owed) as d_owed from points group by agent_id, day_us, at_us
),
running as (
    select
        agent_id,
        day_us,
        at_us,
        lag(at_us) over (partition by agent_id, day_us order by at_us) as previous_at_us,
        coalesce(
            sum(d_owed) over (
                partition by agent_id, day_us order by at_us rows between unbounded preceding and 1 preceding
            ),
            0
        ) as k_before
    from netted
),
integral as (
    select
        agent_id,
        day_us,
        at_us,
        sum(
            case
                when k_before > 0
                    then cast(floor((at_us - previous_at_us) * 27720 / nullif(k_before, 0)) as bigint)
                else 0
            end
        ) over (
            partition by agent_id, day_us order by at_us rows between unbounded preceding and current row
        ) as shared
    from running
)
select s.leg_key, s.conversation_key, s.agent_id, s.day_us, cast(sum(e.shared - b.shared) as bigint) as owed_share
from stretches s
join integral b on b.agent_id = s.agent_id and b.day_us = s.day_us and b.at_us = s.from_us
join integral e on e.agent_id = s.agent_id and e.day_us = s.day_us and e.at_us = s.to_us
group by s.leg_key, s.conversation_key, s.agent_id, s.day_us
