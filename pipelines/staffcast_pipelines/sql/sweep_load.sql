-- What the sweep found, with the names of the agents: the columns of stg_load.
with named as (
    select
        a.agent_id,
        s.at - (a.agent_no * $span_us - $begin_us) as segment_at_us,
        s.until - (a.agent_no * $span_us - $begin_us) as segment_end_at_us,
        s.n_open,
        s.n_active
    from swept s
    join sweep_agents a on a.agent_no = s.agent_no
)
select
    n.agent_id,
    case
        when n.segment_at_us < p.calendar_from_us then p.calendar_from_us - 86400000000
        else n.segment_at_us - n.segment_at_us % 86400000000
    end as day_us,
    n.segment_at_us,
    n.segment_end_at_us,
    n.segment_at_us - n.segment_at_us % 900000000 as slot_at_us,
    cast(n.n_open as bigint) as k_open,
    cast(n.n_active as bigint) as k_active
from named n
cross join build_params p
