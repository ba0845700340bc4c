-- Grain: a leg on a UTC day, with a digest of the stretches that make its agent's load.
select
    leg_key,
    conversation_key,
    agent_id,
    day_us,
    cast(sum(cast(hash(kind, from_us, to_us) >> 20 as bigint)) as bigint) as digest
from stg_stretch
group by leg_key, conversation_key, agent_id, day_us
