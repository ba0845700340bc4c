-- Chats accepted after their customer had left, without a new entry into the queue or a reopening in between.
with marked as (
    select
        source,
        source_account,
        conversation_id,
        event_type,
        lag(event_type) over (
            partition by source, source_account, conversation_id order by timestamp_us, event_id
        ) as previous_type
    from events
    where event_type in ('queued', 'reopened', 'abandoned', 'accepted')
)
select
    max(case when event_type = 'accepted' and previous_type = 'abandoned' then 1 else 0 end) = 1 as is_bad,
    1 as n_rows,
    conversation_id as sample
from marked
group by source, source_account, conversation_id
