-- The rows of the agents' days built anew take the place of those before.
create table work.main.loaded_day as
select agent_id, day_us from dirty_day
union
select agent_id, day_us from kept_day;

delete from facts.main.fact_agent_load f
using (
    select
        d.agent_id,
        case when d.day_us < p.calendar_from_us then -4611686018427387904 else d.day_us end as from_us,
        d.day_us + 86400000000 as to_us
    from loaded_day d
    cross join build_params p
) d
where d.agent_id = f.agent_id and f.segment_at_us >= d.from_us and f.segment_at_us < d.to_us;

insert into facts.main.fact_agent_load by name from work.main.fact_agent_load;

drop table work.main.fact_agent_load
