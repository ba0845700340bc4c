-- Agents with stretches, numbered.
select agent_id, row_number() over (order by agent_id) - 1 as agent_no
from (select distinct agent_id from stg_stretch)
