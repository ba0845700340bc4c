-- Every agent's every day with an open chat.
select distinct a.agent_no, s.day_us
from stg_stretch s
join sweep_agents a on a.agent_id = s.agent_id
where s.kind = 'open'
order by s.day_us, a.agent_no
