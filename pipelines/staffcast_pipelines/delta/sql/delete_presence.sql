-- Presence from that instant on is built anew.
delete from facts.main.fact_agent_state where segment_at_us >= $cut_us
