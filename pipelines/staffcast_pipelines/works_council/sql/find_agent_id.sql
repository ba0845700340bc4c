insert or ignore into clear_agents
select distinct source, source_account, agent_id
from {{table}}
where agent_id is not null and not regexp_full_match(agent_id, 'agent~[0-9a-f]+')
