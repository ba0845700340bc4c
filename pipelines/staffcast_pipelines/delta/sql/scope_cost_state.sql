-- States of the changed days.
create table work.main.fact_agent_state as
select f.*
from facts.main.fact_agent_state f
where exists (select * from changed_day d where d.agent_id = f.agent_id and d.local_date = f.overlap_date)
