-- The costs of the changed days, and all that are no agents' time, take the place of those before.
delete from facts.main.fact_cost f
where
    f.cost_kind <> 'agents'
    or exists (select * from changed_day d where d.agent_id = f.agent_id and f.overlap_date = d.local_date);

insert into facts.main.fact_cost by name from work.main.fact_cost;

drop table work.main.fact_cost;

drop table work.main.fact_agent_state;

drop table work.main.fact_leg_load
