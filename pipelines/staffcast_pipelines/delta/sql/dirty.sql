-- Conversations whose records, or what inference makes of them, may differ from those of the last build.
create table work.main.dirty as
with chained as (
    select m.source, m.source_account, r.conversation_id, m.timestamp_us, m.sender_id, m.load_id
    from messages m
    join message_roots r
        on r.source = m.source and r.source_account = m.source_account and r.message_id = m.message_id
    where m.conversation_id is null
),
moved_roots as (
    (select * from base.main.message_roots except select * from message_roots)
    union all
    (select * from message_roots except select * from base.main.message_roots)
),
changed_bots as (
    (
        select source, source_account, agent_id from agents where type = 'bot'
        except
        select source, source_account, agent_id from base.main.agents where type = 'bot'
    )
    union all
    (
        select source, source_account, agent_id from base.main.agents where type = 'bot'
        except
        select source, source_account, agent_id from agents where type = 'bot'
    )
),
touched as (
    select source, source_account, conversation_id
    from conversations
    where
        load_id > $load_id
        or (created_at_us > $past_us and created_at_us <= $as_of_us)
        or (closed_at_us > $past_us and closed_at_us <= $as_of_us)
    union all
    select source, source_account, conversation_id
    from messages
    where load_id > $load_id or (timestamp_us > $past_us and timestamp_us <= $as_of_us)
    union all
    select source, source_account, conversation_id
    from chained
    where load_id > $load_id or (timestamp_us > $past_us and timestamp_us <= $as_of_us)
    union all
    select source, source_account, conversation_id
    from events
    where load_id > $load_id or (timestamp_us > $past_us and timestamp_us <= $as_of_us)
    union all
    select source, source_account, conversation_id
    from surveys
    where
        load_id > $load_id
        or (sent_at_us > $past_us and sent_at_us <= $as_of_us)
        or (responded_at_us > $past_us and responded_at_us <= $as_of_us)
    union all
    select source, source_account, conversation_id from bot_sessions where load_id > $load_id
    union all
    select source, source_account, key from replaced_keys where kind = 'conversation' and load_id > $load_id
    union all
    select source, source_account, conversation_id from moved_roots
    union all
    select m.source, m.source_account, m.conversation_id
    from messages m
    join changed_bots b
        on b.source = m.source and b.source_account = m.source_account and b.agent_id = m.sender_id
    union all
    select m.source, m.source_account, m.conversation_id
    from chained m
    join changed_bots b
        on b.source = m.source and b.source_account = m.source_account and b.agent_id = m.sender_id
    union all
    select e.source, e.source_account, e.conversation_id
    from events e
    join changed_bots b
        on b.source = e.source and b.source_account = e.source_account and b.agent_id = e.agent_id
),
changed_customers as (
    select source, source_account, customer_key from customers where load_id > $load_id
    union
    select source, source_account, key from replaced_keys where kind = 'customer' and load_id > $load_id
),
changed_traits as (
    (select * from stg_trait except select * from base.main.source_trait)
    union all
    (select * from base.main.source_trait except select * from stg_trait)
),
lately_written as (
    select source, source_account, conversation_id
    from messages
    where timestamp_us > $past_us - $infer_close_after_us and timestamp_us <= $past_us
    union
    select source, source_account, conversation_id
    from chained
    where timestamp_us > $past_us - $infer_close_after_us and timestamp_us <= $past_us
)
select source || '/' || source_account || '/' || conversation_id as conversation_key
from touched
where conversation_id is not null
union
select conversation_key from base.main.fact_conversation where is_open
union
select conversation_key from base.main.fact_leg where end_reason = 'open' or released_at_us >= $past_us
union
select f.conversation_key
from base.main.fact_conversation f
join lately_written l
    on l.source || '/' || l.source_account || '/' || l.conversation_id = f.conversation_key
where f.is_inferred
union
select f.conversation_key
from base.main.fact_conversation f
join changed_customers c
    on c.source = f.source and c.source_account = f.source_account and c.customer_key = f.customer_key
union
select f.conversation_key
from base.main.fact_conversation f
join changed_traits t on t.source = f.source and t.source_account = f.source_account
