-- Grain: a leg: from accept to release, with its parked time and the wrap-up that the same agent did after it.
-- A wrap-up counts from its start to its end; one that begins anew before it has ended counts nothing.
with held as (
    select
        leg_key,
        sum(span_end_at_us - span_at_us) as open_us,
        max(span_end_at_us) as released_at_us
    from stg_span
    group by leg_key
),
wrapups as (
    select
        conversation_key,
        agent_id,
        event_type,
        at_us,
        lead(at_us) over (partition by conversation_key, agent_id order by at_us, event_rank) as next_at_us,
        lead(event_type) over (partition by conversation_key, agent_id order by at_us, event_rank) as next_event_type,
        row_number() over (partition by conversation_key order by at_us, event_rank, agent_id) as wrapup_no
    from stg_event
    where event_type in ('wrapup_started', 'wrapup_ended')
),
wrapup_legs as (
    select
        w.conversation_key,
        e.leg_no,
        w.next_at_us - w.at_us as wrapup_us,
        row_number() over (partition by w.conversation_key, w.wrapup_no order by e.leg_no desc) as candidate_no
    from wrapups w
    join stg_release e
        on e.conversation_key = w.conversation_key
        and e.accepted_at_us <= w.at_us
        and (w.agent_id is null or w.agent_id = e.agent_id)
    where w.event_type = 'wrapup_started' and w.next_event_type = 'wrapup_ended'
),
wrapped as (
    select conversation_key, leg_no, sum(wrapup_us) as wrapup_us
    from wrapup_legs
    where candidate_no = 1
    group by conversation_key, leg_no
)
select
    e.conversation_key || '#' || cast(e.leg_no as string) as leg_key,
    e.conversation_key,
    e.leg_no,
    e.agent_id,
    e.accepted_at_us,
    coalesce(h.released_at_us, e.accepted_at_us) as released_at_us,
    coalesce(h.open_us, 0) as open_us,
    coalesce(h.released_at_us, e.accepted_at_us) - e.accepted_at_us - coalesce(h.open_us, 0) as parked_us,
    coalesce(w.wrapup_us, 0) as wrapup_us,
    e.end_reason
from stg_release e
left join held h on h.leg_key = e.conversation_key || '#' || cast(e.leg_no as string)
left join wrapped w on w.conversation_key = e.conversation_key and w.leg_no = e.leg_no
where e.agent_id is not null
