-- The end of coverage moves on for all costs.
update facts.main.fact_cost f
set maturity_us = case when f.spent_at_us <= p.coverage_end_us then p.coverage_end_us - f.spent_at_us end
from build_params p
where
    f.cost_kind = 'agents'
    and f.maturity_us is distinct from
    case when f.spent_at_us <= p.coverage_end_us then p.coverage_end_us - f.spent_at_us end;

update facts.main.fact_cost f
set maturity_us = c.maturity_us
from facts.main.fact_conversation c
where
    f.cost_kind = 'bot'
    and c.conversation_key = f.conversation_key
    and f.maturity_us is distinct from c.maturity_us
