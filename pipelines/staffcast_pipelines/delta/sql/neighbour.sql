-- Conversations that shared an agent's day with a change.
create table work.main.neighbour as
select distinct l.conversation_key
from facts.main.leg_day l
semi join dirty_day d on d.agent_id = l.agent_id and d.day_us = l.day_us
anti join dirty k on k.conversation_key = l.conversation_key
