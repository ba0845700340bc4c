-- Conversations of a source that records messages, without a single one.
with spoken as (
    select distinct source, source_account, conversation_id from messages where conversation_id is not null
),
sources as (
    select distinct source, source_account from spoken
)
select m.conversation_id is null as is_bad, 1 as n_rows, c.conversation_id as sample
from conversations c
join sources s on s.source = c.source and s.source_account = c.source_account
left join spoken m
    on m.source = c.source and m.source_account = c.source_account and m.conversation_id = c.conversation_id
