-- Grain: an agent who held a surveyed conversation, with its latest answer.
with holders as (
    select distinct conversation_key, agent_id from stg_leg
)
select
    s.conversation_key,
    h.agent_id,
    s.response_at_us,
    s.csat,
    s.is_responded,
    s.is_csat_valid,
    s.is_csat_positive,
    m.closed_at_us as close_at_us
from fact_survey s
join holders h on h.conversation_key = s.conversation_key
join stg_milestone m on m.conversation_key = s.conversation_key
