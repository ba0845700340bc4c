-- Schedules of the days in question.
create table work.main.schedules as
select * from warehouse.main.schedules where ended_at_us > $cut_us
union all
select s.*
from warehouse.main.schedules s
where
    s.ended_at_us <= $cut_us
    and exists (
        select *
        from dirty_day d
        where
            d.agent_id = s.agent_id
            and d.day_us < s.ended_at_us
            and d.day_us + 86400000000 > s.started_at_us
    )
