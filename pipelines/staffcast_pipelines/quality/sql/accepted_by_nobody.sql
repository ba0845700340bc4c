-- Accepts that do not say who accepted.
select agent_id is null as is_bad, 1 as n_rows, conversation_id as sample
from events
where event_type = 'accepted'
