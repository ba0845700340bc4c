-- Grain: a stretch of an agent's time with at least one open chat, cut at quarter-hours.
with teams as (
    select agent_id, max(team) as team, max(site) as site from agents group by agent_id
)
select
    l.agent_id,
    l.segment_at_us,
    l.segment_end_at_us,
    l.segment_end_at_us - l.segment_at_us as busy_us,
    l.k_open,
    l.k_active,
    l.k_open * (l.segment_end_at_us - l.segment_at_us) as open_chat_us,
    l.k_active * (l.segment_end_at_us - l.segment_at_us) as active_chat_us,
    case when l.k_active > 0 then l.segment_end_at_us - l.segment_at_us else 0 end as active_busy_us,
    t.team,
    t.site,
    l.segment_at_us as overlap_at_us
from stg_load l
left join teams t on t.agent_id = l.agent_id
