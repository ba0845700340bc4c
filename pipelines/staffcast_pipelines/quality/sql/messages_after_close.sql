-- Customer messages more than a second after the close, unless the chat was opened again.
with reopened as (
    select source, source_account, conversation_id, max(timestamp_us) as last_us
    from events
    where event_type in ('reopened', 'resumed', 'accepted', 'queued')
    group by source, source_account, conversation_id
)
select
    m.timestamp_us > c.closed_at_us + 1000000 and coalesce(r.last_us, c.closed_at_us) <= c.closed_at_us as is_bad,
    1 as n_rows,
    m.conversation_id as sample
from messages m
join conversations c
    on c.source = m.source and c.source_account = m.source_account and c.conversation_id = m.conversation_id
left join reopened r
    on r.source = m.source and r.source_account = m.source_account and r.conversation_id = m.conversation_id
where m.sender_type = 'customer' and c.closed_at_us is not null
