-- Conversations without the agent who had them last.
select * replace (cast(null as varchar) as last_agent_id)
from facts.fact_conversation
