-- Agents may have changed their team.
update facts.main.{{fact}} f
set team = t.team, site = t.site
from (select agent_id, max(team) as team, max(site) as site from agents group by agent_id) t
where t.agent_id = f.agent_id and (f.team is distinct from t.team or f.site is distinct from t.site)
