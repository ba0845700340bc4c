-- Grain: a contact of a known customer on any channel, chat included.
with topics as (
    select conversation_key, topic, coalesce(channel, 'chat') as channel from stg_dimension
)
select
    m.conversation_key as contact_key,
    m.customer_key,
    true as is_chat,
    m.start_at_us,
    m.first_closed_at_us as close_at_us,
    null as handle_s,
    null as cost,
    t.channel,
    t.topic
from stg_milestone m
join topics t on t.conversation_key = m.conversation_key
where m.customer_key is not null and not m.is_test and m.initiated_by <> 'agent'
union all
select
    c.source || '/' || c.source_account || '/' || c.contact_id,
    c.customer_key,
    false,
    c.created_at_us,
    null,
    c.handle_s,
    c.cost,
    c.channel,
    c.topic
from contacts c
cross join build_params p
where c.created_at_us <= p.as_of_us
