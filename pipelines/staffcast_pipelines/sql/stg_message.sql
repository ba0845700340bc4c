-- Grain: a message up to as_of, with the conversation that it belongs to. A bot that writes as an agent is a bot.
with bots as (
    select distinct source, source_account, agent_id from agents where type = 'bot'
),
resolved as (
    select
        m.source,
        m.source_account,
        coalesce(m.conversation_id, r.conversation_id) as conversation_id,
        m.message_id,
        m.timestamp_us as at_us,
        case when m.sender_type = 'agent' and b.agent_id is not null then 'bot' else m.sender_type end as sender_type,
        m.sender_id,
        coalesce(m.visibility, 'public') <> 'private' as is_public,
        coalesce(m.is_auto, false) as is_auto,
        coalesce(m.is_canned, false) as is_canned
    from messages m
    left join message_roots r
        on r.source = m.source and r.source_account = m.source_account and r.message_id = m.message_id
    left join bots b
        on b.source = m.source and b.source_account = m.source_account and b.agent_id = m.sender_id
)
select
    source,
    source_account,
    conversation_id,
    source || '/' || source_account || '/' || conversation_id as conversation_key,
    message_id,
    at_us,
    sender_type,
    sender_id,
    is_public,
    is_auto,
    is_canned,
    sender_type = 'agent' and is_public and not is_auto as is_human_reply
from resolved
cross join build_params
where at_us <= as_of_us
