-- The same, put back: what is staged may reach beyond them.
insert into facts.main.fact_agent_state by name
select f.*
from work.main.fact_agent_state f
where
    f.segment_at_us >= $cut_us
    or exists (
        select *
        from dirty_day d
        where d.agent_id = f.agent_id and d.day_us = f.segment_at_us - f.segment_at_us % 86400000000
    )
