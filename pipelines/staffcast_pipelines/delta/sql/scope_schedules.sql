-- What reaches past that instant.
create table work.main.schedules as
select s.* from warehouse.main.schedules s where s.ended_at_us >= $cut_us or s.started_at_us >= $cut_us
