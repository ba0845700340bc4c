-- Chats with an instant that no event of theirs records.
with recorded as (
    select distinct source || '/' || source_account || '/' || conversation_id as conversation_key
    from events
    where event_type = $event_type
)
select r.conversation_key is null as is_bad, 1 as n_rows, f.conversation_id as sample
from fact_conversation f
left join recorded r on r.conversation_key = f.conversation_key
where f.{{instant}} is not null
