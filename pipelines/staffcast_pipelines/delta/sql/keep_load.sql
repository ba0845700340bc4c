-- On days without a change an agent's load is what it was; only there the stretches in work are not all there are.
create table work.main.kept_day as
select distinct agent_id, day_us from stg_stretch
except
select agent_id, day_us from dirty_day;

delete from work.main.stg_load l
using kept_day d
where d.agent_id = l.agent_id and d.day_us = l.day_us;

insert into work.main.stg_load
with placed as (
    select
        f.*,
        case
            when segment_at_us < calendar_from_us then calendar_from_us - 86400000000
            else segment_at_us - segment_at_us % 86400000000
        end as day_us
    from facts.main.fact_agent_load f
    cross join build_params
)
select
    p.agent_id,
    p.day_us,
    p.segment_at_us,
    p.segment_end_at_us,
    p.segment_at_us - p.segment_at_us % 900000000,
    p.k_open,
    p.k_active
from placed p
semi join kept_day d on d.agent_id = p.agent_id and d.day_us = p.day_us
