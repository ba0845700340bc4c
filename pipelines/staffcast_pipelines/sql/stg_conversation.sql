-- Grain: a conversation that had begun by as_of: as exported, or inferred from its messages.
with exported as (
    select
        source || '/' || source_account || '/' || conversation_id as conversation_key,
        c.*,
        case when c.closed_at_us <= p.as_of_us then c.closed_at_us end as known_closed_at_us
    from conversations c
    cross join build_params p
    where c.created_at_us <= p.as_of_us
),
loose_messages as (
    select
        m.*,
        row_number() over (
            partition by m.conversation_key
            order by
                case when m.sender_type = 'customer' or m.is_human_reply then 0 else 1 end,
                m.at_us,
                m.message_id
        ) as message_no
    from stg_message m
    left join exported e on e.conversation_key = m.conversation_key
    where e.conversation_key is null
),
inferred as (
    select
        conversation_key,
        min(source) as source,
        min(source_account) as source_account,
        min(conversation_id) as conversation_id,
        min(at_us) as start_at_us,
        max(at_us) as last_message_at_us,
        min(case when message_no = 1 and sender_type = 'agent' then 'agent' else 'customer' end) as initiated_by,
        min(case when sender_type = 'customer' then sender_id end) as customer_key
    from loose_messages
    group by conversation_key
)
select
    conversation_key,
    source,
    source_account,
    conversation_id,
    created_at_us as start_at_us,
    known_closed_at_us as closed_at_us,
    customer_key,
    account_id,
    channel,
    coalesce(mode, 'live') as mode,
    department,
    queue,
    language,
    priority,
    topic,
    coalesce(initiated_by, 'customer') as initiated_by,
    device,
    country,
    bot_outcome,
    coalesce(bot_billed, false) as is_bot_billed,
    coalesce(is_test, false) as is_test,
    false as is_inferred
from exported
union all
select
    conversation_key,
    source,
    source_account,
    conversation_id,
    start_at_us,
    case when last_message_at_us + infer_close_after_us <= as_of_us then last_message_at_us end as closed_at_us,
    customer_key,
    null as account_id,
    null as channel,
    'messaging' as mode,
    null as department,
    null as queue,
    null as language,
    null as priority,
    null as topic,
    initiated_by,
    null as device,
    null as country,
    null as bot_outcome,
    false as is_bot_billed,
    false as is_test,
    true as is_inferred
from inferred
cross join build_params
