-- Each begin and end of a stretch as one number: agent, then instant, then what happens (see sweep.py).
select (a.agent_no * $span_us + s.from_us - $begin_us) * 8 + case when s.kind = 'open' then 0 else 2 end as sweep_key
from stg_stretch s
join sweep_agents a on a.agent_id = s.agent_id
where s.kind <> 'owed'
union all
select (a.agent_no * $span_us + s.to_us - $begin_us) * 8 + case when s.kind = 'open' then 1 else 3 end
from stg_stretch s
join sweep_agents a on a.agent_id = s.agent_id
where s.kind <> 'owed'
