-- Open and active stretches with the number of their agent.
select a.agent_no, s.day_us, s.from_us, s.to_us, s.kind = 'open' as is_open
from stg_stretch s
join sweep_agents a on a.agent_id = s.agent_id
where s.kind <> 'owed'
