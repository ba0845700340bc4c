-- Local days with states from the cut on, or on UTC days on which a conversation of the scope was held.
insert into work.main.changed_day
select distinct f.agent_id, f.overlap_date
from facts.main.fact_agent_state f
where
    f.segment_at_us >= $cut_us
    or exists (
        select *
        from loaded_day d
        where d.agent_id = f.agent_id and d.day_us = f.segment_at_us - f.segment_at_us % 86400000000
    )
