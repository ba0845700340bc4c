-- Last chat and last other contact up to as_of: repeats after the earlier of the two could not have been seen.
with chats as (
    select max(at_us) as last_us
    from (
        select created_at_us as at_us from conversations
        union all
        select timestamp_us from messages
    ) begun
    where at_us <= $as_of_us
),
others as (
    select max(created_at_us) as last_us from contacts where created_at_us <= $as_of_us
)
select chats.last_us, others.last_us
from chats
cross join others
