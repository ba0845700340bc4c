-- What the sweep found, with the names of the agents: the columns of stg_load.
select
    a.agent_id,
    case
        when s.segment_at_us < p.calendar_from_us then p.calendar_from_us - 86400000000
        else s.segment_at_us - s.segment_at_us % 86400000000
    end as day_us,
    s.segment_at_us,
    s.segment_end_at_us,
    s.segment_at_us - s.segment_at_us % 900000000 as slot_at_us,
    cast(s.k_open as bigint) as k_open,
    cast(s.k_active as bigint) as k_active
from swept s
join sweep_agents a on a.agent_no = s.agent_no
cross join build_params p
