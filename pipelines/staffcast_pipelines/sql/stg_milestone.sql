-- Grain: a conversation with the instants that its durations are made of.
with happened as (
    select
        conversation_key,
        min(case when event_type = 'queued' then at_us end) as queued_at_us,
        min(case when event_type = 'bot_handoff' then at_us end) as handoff_at_us,
        min(case when event_type = 'abandoned' then at_us end) as abandoned_at_us,
        min(case when event_type = 'closed' then at_us end) as first_closed_at_us,
        max(case when event_type = 'closed' then at_us end) as last_closed_at_us,
        max(case when event_type in ('reopened', 'resumed', 'accepted', 'queued') then at_us end) as last_alive_at_us,
        min(case when event_type = 'escalated' then at_us end) as escalated_at_us,
        count(*) filter (where event_type = 'reopened') as n_reopens,
        count(*) filter (where event_type = 'transferred') as n_transfers,
        count(*) filter (where event_type = 'queued' and not is_inferred) > 0 as is_queue_recorded
    from stg_event
    group by conversation_key
),
accepted as (
    select e.conversation_key, min(e.at_us) as accepted_at_us
    from stg_event e
    join happened h on h.conversation_key = e.conversation_key
    where e.event_type = 'accepted' and (h.queued_at_us is null or e.at_us >= h.queued_at_us)
    group by e.conversation_key
),
said as (
    select
        m.conversation_key,
        min(case when m.sender_type = 'customer' then m.at_us end) as first_customer_at_us,
        min(case when m.sender_type = 'bot' and not m.is_auto then m.at_us end) as first_bot_at_us,
        min(case when m.is_human_reply and (h.queued_at_us is null or m.at_us >= h.queued_at_us) then m.at_us end)
            as first_human_at_us,
        count(*) filter (where m.sender_type = 'customer') as n_customer_messages,
        count(*) filter (where m.is_human_reply) as n_human_messages,
        count(*) filter (where m.is_human_reply and m.is_canned) as n_canned_messages,
        count(*) filter (where m.sender_type = 'bot') as n_bot_messages
    from stg_message m
    left join happened h on h.conversation_key = m.conversation_key
    group by m.conversation_key
),
bots as (
    select
        source || '/' || source_account || '/' || conversation_id as conversation_key,
        max(case when n_answers > 0 or outcome in ('answered', 'resolved') then 1 else 0 end) as answered
    from bot_sessions
    group by source, source_account, conversation_id
)
select
    c.conversation_key,
    c.initiated_by,
    c.is_test,
    c.is_inferred,
    c.is_bot_billed,
    c.bot_outcome,
    c.customer_key,
    c.start_at_us,
    d.queue,
    h.queued_at_us,
    h.handoff_at_us,
    a.accepted_at_us,
    s.first_human_at_us,
    s.first_customer_at_us,
    s.first_bot_at_us,
    h.escalated_at_us,
    h.first_closed_at_us,
    case
        when h.last_closed_at_us is null or h.last_alive_at_us > h.last_closed_at_us then null
        else h.last_closed_at_us
    end as closed_at_us,
    case
        when a.accepted_at_us is not null or h.queued_at_us is null then null
        when h.abandoned_at_us is not null then h.abandoned_at_us
        when h.is_queue_recorded and s.first_human_at_us is null then h.first_closed_at_us
    end as abandoned_at_us,
    coalesce(h.n_reopens, 0) as n_reopens,
    coalesce(h.n_transfers, 0) as n_transfers,
    coalesce(s.n_customer_messages, 0) as n_customer_messages,
    coalesce(s.n_human_messages, 0) as n_human_messages,
    coalesce(s.n_canned_messages, 0) as n_canned_messages,
    coalesce(s.n_bot_messages, 0) as n_bot_messages,
    coalesce(s.n_bot_messages, 0) > 0 or c.bot_outcome is not null or b.conversation_key is not null as is_bot_involved,
    coalesce(b.answered, 0) = 1 or coalesce(c.bot_outcome, '') in ('confirmed', 'assumed') as is_bot_answered
from stg_conversation c
join stg_dimension d on d.conversation_key = c.conversation_key
left join happened h on h.conversation_key = c.conversation_key
left join accepted a on a.conversation_key = c.conversation_key
left join said s on s.conversation_key = c.conversation_key
left join bots b on b.conversation_key = c.conversation_key
