-- Stretches of agents that end before they begin.
select ended_at_us < started_at_us as is_bad, 1 as n_rows, cast(null as varchar) as sample
from {{table}}
where started_at_us is not null and ended_at_us is not null
