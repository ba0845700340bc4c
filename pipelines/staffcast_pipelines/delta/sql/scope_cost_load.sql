-- Chats held on the changed days.
create table work.main.fact_leg_load as
select f.*
from facts.main.fact_leg_load f
where exists (select * from changed_day d where d.agent_id = f.agent_id and d.local_date = f.overlap_date)
