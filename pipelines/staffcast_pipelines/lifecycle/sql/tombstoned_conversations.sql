-- Conversations that a tombstone names.
insert into person_conversations
with stored as (
    select source, source_account, conversation_id from conversations
    union
    select source, source_account, conversation_id from messages where conversation_id is not null
    union
    select source, source_account, conversation_id from events
    union
    select source, source_account, conversation_id from bot_sessions
    union
    select source, source_account, conversation_id from surveys where conversation_id is not null
)
select source, source_account, conversation_id
from stored
where person_key(
    '12:conversation' || length(source) || ':' || source || length(source_account) || ':' || source_account
    || length(conversation_id) || ':' || conversation_id
) in (
    select external_hash
    from tombstones
    where
        kind = 'conversation'
        and tombstones.source = stored.source
        and tombstones.source_account = stored.source_account
)
except
select source, source_account, conversation_id from person_conversations
