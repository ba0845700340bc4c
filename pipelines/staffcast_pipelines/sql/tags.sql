-- Conversations that carry tags.
select source || '/' || source_account || '/' || conversation_id as conversation_key, tags
from conversations
where tags is not null
