-- The same for the time in which messages were owed.
delete from work.main.stg_effort e
using kept_day d
where d.agent_id = e.agent_id and d.day_us = e.day_us;

insert into work.main.stg_effort
select l.leg_key, l.conversation_key, l.agent_id, l.day_us, l.owed_share
from facts.main.leg_day l
semi join scope s on s.conversation_key = l.conversation_key
semi join kept_day d on d.agent_id = l.agent_id and d.day_us = l.day_us
