-- Chats that the customer opened and in which a person had answered before anything was asked.
with said as (
    select
        source,
        source_account,
        conversation_id,
        min(case when sender_type = 'customer' then timestamp_us end) as asked_us,
        min(case when sender_type = 'agent' and not coalesce(is_auto, false) then timestamp_us end) as replied_us
    from messages
    where coalesce(visibility, 'public') <> 'private'
    group by source, source_account, conversation_id
)
select s.replied_us < s.asked_us - 1000000 as is_bad, 1 as n_rows, s.conversation_id as sample
from said s
left join conversations c
    on c.source = s.source and c.source_account = s.source_account and c.conversation_id = s.conversation_id
where s.asked_us is not null and s.replied_us is not null and coalesce(c.initiated_by, 'customer') = 'customer'
