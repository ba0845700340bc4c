-- Chats of several messages, all of them stamped within one second.
with spans as (
    select conversation_id, count(*) as n_messages, max(timestamp_us) - min(timestamp_us) as span_us
    from messages
    where conversation_id is not null
    group by source, source_account, conversation_id
)
select span_us < 1000000 as is_bad, 1 as n_rows, conversation_id as sample
from spans
where n_messages >= 4
