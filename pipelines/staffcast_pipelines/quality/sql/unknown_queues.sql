-- Queues that chats entered, with one of these chats, that the queues table does not have.
with seen as (
    select source, source_account, queue, conversation_id from conversations where queue is not null
    union all
    select source, source_account, queue, conversation_id from events where queue is not null
),
named as (
    select source, source_account, queue, min(conversation_id) as conversation_id
    from seen
    group by source, source_account, queue
)
select q.queue is null as is_bad, 1 as n_rows, n.conversation_id as sample
from named n
left join queues q on q.source = n.source and q.source_account = n.source_account and q.queue = n.queue
where exists (select * from queues)
