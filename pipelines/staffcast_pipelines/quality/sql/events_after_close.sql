-- Events more than a second after the close that neither open the chat again nor belong to its aftermath.
with lives as (
    select
        source,
        source_account,
        conversation_id,
        max(case when event_type <> 'closed' then timestamp_us end) as last_alive_us,
        max(case when event_type = 'closed' then timestamp_us end) as last_closed_us
    from events
    where event_type in ('reopened', 'resumed', 'accepted', 'queued', 'closed')
    group by source, source_account, conversation_id
),
closes as (
    select
        c.source,
        c.source_account,
        c.conversation_id,
        coalesce(l.last_closed_us, c.closed_at_us) as closed_us,
        l.last_alive_us
    from conversations c
    left join lives l
        on l.source = c.source and l.source_account = c.source_account and l.conversation_id = c.conversation_id
)
select
    e.timestamp_us > c.closed_us + 1000000 and coalesce(c.last_alive_us <= c.closed_us, true) as is_bad,
    1 as n_rows,
    e.conversation_id as sample
from events e
join closes c
    on c.source = e.source and c.source_account = e.source_account and c.conversation_id = e.conversation_id
where e.event_type not in ('wrapup_started', 'wrapup_ended', 'survey_sent') and c.closed_us is not null
