-- Grain: an event up to as_of: recorded, or inferred where the source does not say.
-- Inferred: a close from the conversation's own column, an accept where the replying agent changes, and the
-- entry into the queue at creation, or at the last hand-over or reopening before a human came.
-- Recorded events always win; what a bot takes is not accepted. A close before the start is at the last thing known.
-- event_rank orders equal instants: a close comes last, unless the conversation is reopened at that very instant.
with bots as (
    select distinct source, source_account, agent_id from agents where type = 'bot'
),
recorded as (
    select
        e.source || '/' || e.source_account || '/' || e.conversation_id as conversation_key,
        e.event_type,
        e.timestamp_us as at_us,
        e.agent_id,
        e.queue,
        e.to_queue,
        e.to_channel
    from events e
    cross join build_params p
    left join bots b on b.source = e.source and b.source_account = e.source_account and b.agent_id = e.agent_id
    where
        e.timestamp_us <= p.as_of_us
        and (b.agent_id is null or e.event_type not in ('assigned', 'missed', 'accepted', 'resumed', 'transferred'))
),
known as (
    select
        conversation_key,
        count(*) filter (where event_type = 'accepted') > 0 as has_accept,
        count(*) filter (where event_type = 'queued') > 0 as has_queued,
        min(case when event_type = 'bot_handoff' then at_us end) as handoff_at_us,
        min(case when event_type = 'accepted' then at_us end) as accepted_at_us,
        max(case when event_type = 'closed' then at_us end) as last_closed_at_us,
        max(case when event_type in ('reopened', 'resumed', 'accepted', 'queued') then at_us end) as last_alive_at_us
    from recorded
    group by conversation_key
),
spoken as (
    select
        conversation_key,
        min(case when is_human_reply then at_us end) as first_human_at_us,
        count(*) filter (where sender_type = 'bot') > 0 as has_bot
    from stg_message
    group by conversation_key
),
backwards as (
    select conversation_key, start_at_us as at_us from stg_conversation where closed_at_us < start_at_us
),
known_at as (
    select conversation_key, at_us from backwards
    union all
    select b.conversation_key, r.at_us from backwards b join recorded r on r.conversation_key = b.conversation_key
    union all
    select b.conversation_key, m.at_us from backwards b join stg_message m on m.conversation_key = b.conversation_key
),
last_known as (
    select conversation_key, max(at_us) as at_us from known_at group by conversation_key
),
told as (
    select c.conversation_key, coalesce(l.at_us, c.closed_at_us) as closed_at_us
    from stg_conversation c
    left join last_known l on l.conversation_key = c.conversation_key
),
conversation as (
    select
        c.conversation_key,
        c.start_at_us,
        c.queue,
        c.initiated_by,
        coalesce(k.has_accept, false) as has_accept,
        coalesce(k.has_queued, false) as has_queued,
        k.handoff_at_us,
        coalesce(k.accepted_at_us, s.first_human_at_us) as human_at_us,
        coalesce(s.has_bot, false) or c.bot_outcome is not null as has_bot,
        coalesce(t.records_queueing, false) as records_queueing,
        case
            when k.last_closed_at_us is null then d.closed_at_us
            when k.last_alive_at_us > k.last_closed_at_us and d.closed_at_us >= k.last_alive_at_us then d.closed_at_us
        end as inferred_closed_at_us,
        case
            when k.last_closed_at_us is null or k.last_alive_at_us > k.last_closed_at_us then d.closed_at_us
            else k.last_closed_at_us
        end as ends_at_us
    from stg_conversation c
    join told d on d.conversation_key = c.conversation_key
    left join known k on k.conversation_key = c.conversation_key
    left join spoken s on s.conversation_key = c.conversation_key
    left join stg_trait t on t.source = c.source and t.source_account = c.source_account
),
replies as (
    select
        conversation_key,
        at_us,
        sender_id,
        row_number() over (partition by conversation_key order by at_us, message_id) as reply_no,
        lag(sender_id) over (partition by conversation_key order by at_us, message_id) as previous_sender_id
    from stg_message
    where is_human_reply
),
inferred_closes as (
    select conversation_key, 'closed' as event_type, inferred_closed_at_us as at_us, null as agent_id, null as queue
    from conversation
    where inferred_closed_at_us is not null
),
inferred_accepts as (
    select
        r.conversation_key,
        'accepted' as event_type,
        case when r.at_us > c.ends_at_us then c.ends_at_us else r.at_us end as at_us,
        r.sender_id as agent_id,
        c.queue
    from replies r
    join conversation c on c.conversation_key = r.conversation_key
    where
        not c.has_accept
        and (r.reply_no = 1 or coalesce(r.previous_sender_id, '') <> coalesce(r.sender_id, ''))
),
begun as (
    select
        c.*,
        max(case when e.at_us <= c.human_at_us and e.at_us > c.start_at_us then e.at_us else c.start_at_us end)
            over (partition by c.conversation_key) as begun_at_us,
        row_number() over (partition by c.conversation_key order by e.at_us) as event_no
    from conversation c
    left join recorded e on e.conversation_key = c.conversation_key and e.event_type in ('reopened', 'bot_handoff')
),
inferred_queueings as (
    select
        conversation_key,
        'queued' as event_type,
        case
            when human_at_us is null and handoff_at_us is not null then handoff_at_us
            when human_at_us < begun_at_us then human_at_us
            else begun_at_us
        end as at_us,
        null as agent_id,
        queue
    from begun
    where
        event_no = 1
        and not has_queued
        and initiated_by <> 'agent'
        and (human_at_us is not null or handoff_at_us is not null or (not records_queueing and not has_bot))
),
all_events as (
    select conversation_key, event_type, at_us, agent_id, queue, to_queue, to_channel, false as is_inferred
    from recorded
    union all
    select conversation_key, event_type, at_us, agent_id, queue, null, null, true from inferred_closes
    union all
    select conversation_key, event_type, at_us, agent_id, queue, null, null, true from inferred_accepts
    union all
    select conversation_key, event_type, at_us, agent_id, queue, null, null, true from inferred_queueings
)
select
    e.*,
    r.changes_hold,
    case
        when e.event_type = 'closed' and max(case when e.event_type = 'reopened' then 1 else 0 end) over (
            partition by e.conversation_key, e.at_us
        ) = 0 then 100
        else r.event_rank
    end as event_rank
from all_events e
join dim_event_type r on r.event_type = e.event_type
