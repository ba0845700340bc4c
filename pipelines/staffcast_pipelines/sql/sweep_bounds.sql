-- First begin and last end of all stretches, and the number of agents.
select
    min(s.from_us) as begin_us,
    max(s.to_us) as end_us,
    (select count(*) from sweep_agents) as n_agents
from stg_stretch s
where s.kind <> 'owed'
