-- Chats whose column and whose event of the same name are more than a second apart.
with stamped as (
    select source, source_account, conversation_id, {{pick}}(timestamp_us) as event_us
    from events
    where event_type = $event_type
    group by source, source_account, conversation_id
)
select abs(c.{{instant}}_us - e.event_us) > 1000000 as is_bad, 1 as n_rows, c.conversation_id as sample
from conversations c
join stamped e
    on e.source = c.source and e.source_account = c.source_account and e.conversation_id = c.conversation_id
where c.{{instant}}_us is not null
