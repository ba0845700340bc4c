-- What agents held on the days in question.
create table work.main.fact_agent_load as
select f.*
from facts.main.fact_agent_load f
where
    f.segment_at_us >= $cut_us
    or exists (
        select *
        from dirty_day d
        where d.agent_id = f.agent_id and d.day_us = f.segment_at_us - f.segment_at_us % 86400000000
    )
