-- First and last recorded instant of the data.
with instants as (
    select created_at_us as at_us from conversations
    union all
    select closed_at_us from conversations
    union all
    select timestamp_us from messages
    union all
    select timestamp_us from events
    union all
    select sent_at_us from surveys
    union all
    select responded_at_us from surveys
    union all
    select created_at_us from contacts
),
begun as (
    select min(at_us) as first_us
    from (
        select min(created_at_us) as at_us from conversations
        union all
        select min(timestamp_us) from messages
    ) starts
)
select begun.first_us, max(instants.at_us) as last_us
from begun
left join instants on instants.at_us is not null
group by begun.first_us
