-- Grain: a message up to as_of, with the conversation that it belongs to.
with resolved as (
    select
        m.source,
        m.source_account,
        coalesce(m.conversation_id, r.conversation_id) as conversation_id,
        m.message_id,
        m.timestamp_us as at_us,
        m.sender_type,
        m.sender_id,
        coalesce(m.visibility, 'public') <> 'private' as is_public,
        coalesce(m.is_auto, false) as is_auto,
        coalesce(m.is_canned, false) as is_canned
    from messages m
    left join message_roots r
        on r.source = m.source and r.source_account = m.source_account and r.message_id = m.message_id
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
