-- Stretches of an agent's time with chats, and whether they were more than the limit allows.
select k_open > slots as is_bad, 1 as n_rows, cast(null as varchar) as sample
from fact_agent_state
where k_open > 0
