-- The end of coverage moves on for agents' time as well.
update facts.main.fact_cost f
set maturity_us = case when f.spent_at_us <= p.coverage_end_us then p.coverage_end_us - f.spent_at_us end
from build_params p
where
    f.cost_kind = 'agents'
    and f.maturity_us is distinct from
    case when f.spent_at_us <= p.coverage_end_us then p.coverage_end_us - f.spent_at_us end
