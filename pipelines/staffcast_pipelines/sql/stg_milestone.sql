-- Grain: a conversation with the instants that its durations are made of.
-- An accept of 5 s or less before the queue, and nothing else until then, is one: two clocks. Its wait is unknown.
-- Waiting for a human ends with the first of accept, abandonment and (where entries are recorded) close: who is
-- served only after coming back has abandoned first. The first event after a close that opens the conversation again
-- reopens it, whether it is recorded as a reopening or as an entry into a queue, an accept or a resumption.
with happened as (
    select
        conversation_key,
        min(case when event_type = 'queued' then at_us end) as queued_at_us,
        min(case when event_type = 'bot_handoff' then at_us end) as handoff_at_us,
        min(case when event_type = 'closed' then at_us end) as first_closed_at_us,
        max(case when event_type = 'closed' then at_us end) as last_closed_at_us,
        max(case when event_type = 'reopened' then at_us end) as last_reopened_at_us,
        max(case when event_type in ('reopened', 'resumed', 'accepted', 'queued') then at_us end) as last_alive_at_us,
        min(case when event_type = 'escalated' then at_us end) as escalated_at_us,
        count(*) filter (where event_type = 'queued' and not is_inferred) > 0 as is_queue_recorded,
        count(*) filter (where event_type in ('queued', 'accepted', 'abandoned') and not is_inferred) > 0
            as is_wait_recorded
    from stg_event
    group by conversation_key
),
followed as (
    select
        e.conversation_key,
        min(
            case
                when e.at_us < h.queued_at_us then null
                when e.event_type = 'accepted' then e.at_us
            end
        ) as accepted_at_us,
        min(
            case
                when e.at_us < h.queued_at_us then null
                when e.event_type = 'abandoned' or (e.event_type = 'closed' and h.is_queue_recorded) then e.at_us
            end
        ) as left_at_us,
        max(
            case
                when e.event_type = 'accepted' and e.at_us < h.queued_at_us and e.at_us >= h.queued_at_us - 5000000
                    then e.at_us
            end
        ) as early_at_us,
        count(*) filter (
            where e.event_type = 'abandoned'
                or (
                    e.at_us <= h.queued_at_us
                    and e.event_type in ('closed', 'reopened', 'parked', 'snoozed', 'resumed', 'transferred')
                )
        ) as n_other
    from stg_event e
    join happened h on h.conversation_key = e.conversation_key
    group by e.conversation_key
),
served as (
    select
        f.conversation_key,
        f.left_at_us,
        coalesce(f.accepted_at_us, case when f.n_other = 0 then f.early_at_us end) as accepted_at_us
    from followed f
),
lives as (
    select
        e.conversation_key,
        e.event_type,
        e.at_us,
        lag(e.event_type) over (partition by e.conversation_key order by e.at_us, e.event_rank) as previous_type
    from stg_event e
    join happened h on h.conversation_key = e.conversation_key
    where
        e.event_type in ('closed', 'reopened', 'resumed', 'accepted', 'queued')
        and h.last_alive_at_us >= h.first_closed_at_us
),
reopenings as (
    select conversation_key, count(*) as n_reopens, min(at_us) as first_reopened_at_us
    from lives
    where previous_type = 'closed' and event_type <> 'closed'
    group by conversation_key
),
said as (
    select
        m.conversation_key,
        min(case when m.sender_type = 'customer' then m.at_us end) as first_customer_at_us,
        max(case when m.sender_type = 'customer' and m.is_public then m.at_us end) as last_customer_at_us,
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
waited as (
    select
        h.conversation_key,
        f.accepted_at_us,
        case
            when h.last_alive_at_us > h.last_closed_at_us or h.last_reopened_at_us >= h.last_closed_at_us then null
            else h.last_closed_at_us
        end as closed_at_us,
        case
            when h.queued_at_us is null then null
            when f.accepted_at_us <= f.left_at_us or s.first_human_at_us <= f.left_at_us then null
            else f.left_at_us
        end as abandoned_at_us
    from happened h
    left join served f on f.conversation_key = h.conversation_key
    left join said s on s.conversation_key = h.conversation_key
),
bots as (
    select
        source || '/' || source_account || '/' || conversation_id as conversation_key,
        max(
            case
                when outcome in ('answered', 'resolved', 'confirmed', 'assumed') then 1
                when outcome is not null then 0
            end
        ) as answered
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
    case when w.abandoned_at_us is null then w.accepted_at_us end as accepted_at_us,
    s.first_human_at_us,
    s.first_customer_at_us,
    s.first_bot_at_us,
    h.escalated_at_us,
    h.first_closed_at_us,
    w.closed_at_us,
    w.abandoned_at_us,
    case
        when w.closed_at_us is not null then w.closed_at_us
        when h.last_alive_at_us <= w.abandoned_at_us then w.abandoned_at_us
    end as ended_at_us,
    coalesce(r.n_reopens, 0) as n_reopens,
    r.first_reopened_at_us,
    s.last_customer_at_us,
    coalesce(s.n_customer_messages, 0) as n_customer_messages,
    coalesce(s.n_human_messages, 0) as n_human_messages,
    coalesce(s.n_canned_messages, 0) as n_canned_messages,
    coalesce(s.n_bot_messages, 0) as n_bot_messages,
    coalesce(s.n_bot_messages, 0) > 0 or c.bot_outcome is not null or b.conversation_key is not null as is_bot_involved,
    case
        when b.answered = 1 or c.bot_outcome in ('confirmed', 'assumed') then true
        when b.answered is not null or c.bot_outcome is not null then false
        when t.records_outcomes and h.queued_at_us is not null then false
    end as is_bot_answered,
    coalesce(h.is_wait_recorded, false) as is_wait_recorded
from stg_conversation c
join stg_dimension d on d.conversation_key = c.conversation_key
left join happened h on h.conversation_key = c.conversation_key
left join waited w on w.conversation_key = c.conversation_key
left join reopenings r on r.conversation_key = c.conversation_key
left join said s on s.conversation_key = c.conversation_key
left join bots b on b.conversation_key = c.conversation_key
left join stg_trait t on t.source = c.source and t.source_account = c.source_account
