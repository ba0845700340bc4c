-- Rows of a chat more than a second after its close, which neither open it again nor belong to its aftermath.
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
    r.timestamp_us > c.closed_us + 1000000 and coalesce(c.last_alive_us <= c.closed_us, true) as is_bad,
    1 as n_rows,
    r.conversation_id as sample
from {{table}} r
join closes c
    on c.source = r.source and c.source_account = r.source_account and c.conversation_id = r.conversation_id
where
    c.closed_us is not null
    and r.{{kind}} not in ('wrapup_started', 'wrapup_ended', 'survey_sent', 'agent', 'bot', 'system')
