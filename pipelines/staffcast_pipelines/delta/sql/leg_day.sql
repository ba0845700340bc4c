-- Grain: a leg on a UTC day: what a later build needs to know of it, to see what changed and to keep what did not.
select d.leg_key, d.conversation_key, d.agent_id, d.day_us, d.digest, coalesce(e.owed_share, 0) as owed_share
from leg_digest d
left join stg_effort e on e.leg_key = d.leg_key and e.agent_id = d.agent_id and e.day_us = d.day_us
