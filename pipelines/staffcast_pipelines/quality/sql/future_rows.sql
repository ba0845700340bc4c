-- Rows from after the moment when they were loaded, or after the instant that the data declare as their own.
with declared as (
    select epoch_us(max(try_cast(trim(value, '"') as timestamptz))) as as_of_us
    from source_config
    where key = 'as_of'
),
stamped as (
    select load_id, timestamp_us as at_us, conversation_id from messages
    union all
    select load_id, timestamp_us, conversation_id from events
    union all
    select load_id, greatest(created_at_us, coalesce(closed_at_us, created_at_us)), conversation_id
    from conversations
)
select
    s.at_us > greatest(epoch_us(l.loaded_at), coalesce(d.as_of_us, 0)) as is_bad,
    1 as n_rows,
    s.conversation_id as sample
from stamped s
join loads l on l.load_id = s.load_id
cross join declared d
