-- Scheduled activities that begin within an earlier one and end after it: a break inside a shift does not.
with placed as (
    select
        started_at_us,
        ended_at_us,
        max(ended_at_us) over (
            partition by agent_id order by started_at_us, ended_at_us desc nulls last
            rows between unbounded preceding and 1 preceding
        ) as busy_until_us
    from schedules
    where ended_at_us > started_at_us
)
select
    coalesce(busy_until_us > started_at_us and busy_until_us < ended_at_us, false) as is_bad,
    1 as n_rows,
    cast(null as varchar) as sample
from placed
