-- The same, put back.
insert into facts.main.fact_agent_state by name from work.main.fact_agent_state where segment_at_us >= $cut_us
