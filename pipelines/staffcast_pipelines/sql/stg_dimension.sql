-- Grain: a conversation, with the dimensions that all facts below it carry. The queue is the first one entered.
with first_queue as (
    select
        e.conversation_key,
        e.queue,
        row_number() over (partition by e.conversation_key order by e.at_us, e.queue) as queue_no
    from stg_event e
    where e.event_type = 'queued' and e.queue is not null
)
select
    c.conversation_key,
    c.source,
    c.source_account,
    c.channel,
    c.mode,
    c.department,
    coalesce(q.queue, c.queue) as queue,
    coalesce(c.language, u.language) as language,
    c.priority,
    c.topic,
    u.tier,
    u.segment,
    coalesce(c.account_id, u.account_id) as account_id,
    c.country,
    c.device,
    c.initiated_by,
    c.bot_outcome
from stg_conversation c
left join first_queue q on q.conversation_key = c.conversation_key and q.queue_no = 1
left join customers u
    on u.source = c.source and u.source_account = c.source_account and u.customer_key = c.customer_key
