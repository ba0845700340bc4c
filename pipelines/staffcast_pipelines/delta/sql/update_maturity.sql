-- The end of coverage moves on for every conversation.
update facts.main.fact_conversation f
set maturity_us = case when f.first_closed_at_us <= p.coverage_end_us then p.coverage_end_us - f.first_closed_at_us end
from build_params p
where
    f.maturity_us is distinct from
    case when f.first_closed_at_us <= p.coverage_end_us then p.coverage_end_us - f.first_closed_at_us end
