-- Statuses that begin before an earlier one of the same agent has ended.
with placed as (
    select
        started_at_us,
        ended_at_us,
        max(ended_at_us) over (
            partition by agent_id order by started_at_us, coalesce(ended_at_us, started_at_us)
            rows between unbounded preceding and 1 preceding
        ) as busy_until_us
    from agent_status
    where ended_at_us is null or ended_at_us > started_at_us
)
select coalesce(busy_until_us > started_at_us, false) as is_bad, 1 as n_rows, cast(null as varchar) as sample
from placed
