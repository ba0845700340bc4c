-- Agents' local days whose states, chats or conversations may be others than before.
create table work.main.changed_day (agent_id varchar, local_date varchar)
