-- Queued chats of which every accept lies before the first entry into the queue, the last by 5 s or less.
with marked as (
    select
        source,
        source_account,
        conversation_id,
        min(case when event_type = 'queued' then timestamp_us end) as queued_us,
        max(case when event_type = 'accepted' then timestamp_us end) as accepted_us
    from events
    where event_type in ('queued', 'accepted')
    group by source, source_account, conversation_id
)
select
    coalesce(accepted_us < queued_us and accepted_us >= queued_us - 5000000, false) as is_bad,
    1 as n_rows,
    conversation_id as sample
from marked
where queued_us is not null
