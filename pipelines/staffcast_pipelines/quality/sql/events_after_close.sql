-- Events more than a second after the close that neither open the chat again nor belong to its aftermath.
with lives as (
    select source, source_account, conversation_id, max(timestamp_us) as last_us
    from events
    where event_type in ('reopened', 'resumed', 'accepted', 'queued', 'closed')
    group by source, source_account, conversation_id
)
select
    e.timestamp_us > c.closed_at_us + 1000000 and coalesce(l.last_us, c.closed_at_us) <= c.closed_at_us as is_bad,
    1 as n_rows,
    e.conversation_id as sample
from events e
join conversations c
    on c.source = e.source and c.source_account = e.source_account and c.conversation_id = e.conversation_id
left join lives l
    on l.source = e.source and l.source_account = e.source_account and l.conversation_id = e.conversation_id
where e.event_type not in ('wrapup_started', 'wrapup_ended', 'survey_sent') and c.closed_at_us is not null
