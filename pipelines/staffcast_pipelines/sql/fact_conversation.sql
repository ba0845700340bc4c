-- Grain: a conversation.
with states as (
    select
        m.*,
        m.initiated_by <> 'agent' and not m.is_test as is_inbound,
        m.ended_at_us is not null as is_ended,
        m.queued_at_us is not null and m.accepted_at_us is not null as is_answered,
        m.queued_at_us is not null and m.accepted_at_us is null and m.abandoned_at_us is null as is_not_served,
        m.accepted_at_us is not null
        and m.closed_at_us is not null
        and (m.last_customer_at_us is null or m.last_customer_at_us <= m.accepted_at_us) as is_silent_answered
    from stg_milestone m
),
worked as (
    select
        conversation_key,
        count(*) as n_legs,
        sum(handle_us) as handle_us,
        sum(wrapup_us) as wrapup_us,
        sum(engaged_us) as engaged_us,
        sum(effort_us) as effort_us,
        sum(idle_us) as idle_us,
        sum(idle_tail_us) as idle_tail_us,
        count(*) filter (where is_return) as n_returns
    from fact_leg
    group by conversation_key
),
last_leg as (
    select
        conversation_key,
        agent_id,
        row_number() over (partition by conversation_key order by leg_no desc) as leg_rank
    from stg_leg
),
last_queue as (
    select
        conversation_key,
        queue,
        row_number() over (partition by conversation_key order by at_us desc, queue) as queue_rank
    from stg_event
    where event_type = 'queued' and queue is not null
),
transfers as (
    select
        conversation_key,
        count(*) as n_transfers,
        count(*) filter (where is_to_queue) as n_queue_transfers
    from stg_release
    where end_reason = 'transferred'
    group by conversation_key
),
parked as (
    select conversation_key, sum(parked_end_at_us - parked_at_us) as parked_us
    from stg_park
    group by conversation_key
),
turns as (
    select
        conversation_key,
        count(*) as n_turns,
        max(turn_no) as last_turn_no,
        max(case when replied_at_us is null then turn_no end) as last_unanswered_no
    from stg_turn
    where waits_for_human
    group by conversation_key
),
surveyed as (
    select
        conversation_key,
        coalesce(is_csat_valid and not is_csat_positive, false) or coalesce(not is_resolved, false)
            as has_negative_survey,
        (is_csat_valid and is_csat_positive) or coalesce(is_resolved, false) as has_positive_survey,
        is_resolved
    from fact_survey
)
select
    s.conversation_key,
    c.conversation_id,
    s.customer_key,
    coalesce(q.queue, s.queue) as last_queue,
    l.agent_id as last_agent_id,
    s.is_inbound,
    s.is_test,
    s.is_inferred,
    s.is_wait_recorded,
    coalesce(o.records_events, false) as is_course_recorded,
    coalesce(o.records_templates, false) as is_template_recorded,
    s.is_inbound and s.queued_at_us is not null as is_offered,
    s.is_inbound and s.is_answered as is_answered,
    s.is_inbound and s.abandoned_at_us is not null as is_abandoned,
    s.is_inbound and s.is_not_served and not s.is_ended as is_waiting,
    s.is_ended,
    not s.is_ended as is_open,
    s.is_bot_involved,
    s.is_bot_answered,
    case when s.bot_outcome is not null or not s.is_bot_answered then coalesce(s.bot_outcome, '') = 'confirmed' end
        as is_bot_confirmed,
    s.is_bot_billed,
    s.is_bot_involved
    and s.queued_at_us is null
    and s.accepted_at_us is null
    and s.n_human_messages = 0
    and s.is_ended as is_contained,
    s.accepted_at_us is not null or s.n_human_messages > 0 as is_human_handled,
    s.escalated_at_us is not null as is_escalated,
    coalesce(v.has_negative_survey, false) as has_negative_survey,
    v.is_resolved as is_survey_resolved,
    s.is_silent_answered and not coalesce(v.has_positive_survey, false) as is_silent,
    f.conversation_key is not null and not coalesce(v.has_positive_survey, false) as is_silent_noted,
    s.is_ended and coalesce(t.last_unanswered_no = t.last_turn_no, false) as ended_unanswered,
    coalesce(g.is_on_calendar, false) as is_service_target_on_calendar,
    s.start_at_us,
    s.first_customer_at_us,
    s.first_bot_at_us,
    s.handoff_at_us,
    s.queued_at_us,
    s.accepted_at_us,
    s.first_human_at_us,
    s.abandoned_at_us,
    s.first_closed_at_us,
    s.closed_at_us,
    case when s.accepted_at_us >= s.queued_at_us then s.accepted_at_us - s.queued_at_us end as queue_wait_us,
    case when s.accepted_at_us >= s.queued_at_us then e.to_accepted_us - e.to_queued_us end as queue_wait_business_us,
    s.abandoned_at_us - s.queued_at_us as abandon_wait_us,
    e.to_abandoned_us - e.to_queued_us as abandon_wait_business_us,
    case when s.is_not_served and not s.is_ended then p.as_of_us - s.queued_at_us end as waiting_us,
    case when s.is_not_served and not s.is_ended then e.to_now_us - e.to_queued_us end as waiting_business_us,
    case when s.queued_at_us >= s.start_at_us then s.queued_at_us - s.start_at_us end as before_queue_us,
    case when s.queued_at_us >= s.start_at_us then e.to_queued_us - e.to_start_us end as before_queue_business_us,
    case when s.first_human_at_us >= s.accepted_at_us then s.first_human_at_us - s.accepted_at_us end
        as pickup_to_reply_us,
    case when s.first_human_at_us >= s.accepted_at_us then e.to_first_human_us - e.to_accepted_us end
        as pickup_to_reply_business_us,
    case when s.abandoned_at_us is null then s.first_human_at_us - s.queued_at_us end as frt_human_us,
    case when s.abandoned_at_us is null then e.to_first_human_us - e.to_queued_us end as frt_human_business_us,
    case
        when s.abandoned_at_us is null and s.first_human_at_us >= s.start_at_us then s.first_human_at_us - s.start_at_us
    end as frt_start_us,
    case
        when s.abandoned_at_us is null and s.first_human_at_us >= s.start_at_us
            then e.to_first_human_us - e.to_start_us
    end as frt_start_business_us,
    case
        when s.abandoned_at_us is null and s.first_human_at_us >= s.handoff_at_us
            then s.first_human_at_us - s.handoff_at_us
    end as frt_handoff_us,
    case
        when s.abandoned_at_us is null and s.first_human_at_us >= s.handoff_at_us
            then e.to_first_human_us - e.to_handoff_us
    end as frt_handoff_business_us,
    g.target_us as service_target_us,
    case when s.first_bot_at_us >= s.first_customer_at_us then s.first_bot_at_us - s.first_customer_at_us end
        as frt_bot_us,
    case
        when s.first_bot_at_us < s.first_customer_at_us or s.first_human_at_us < s.first_customer_at_us then null
        when s.first_human_at_us is null or s.first_bot_at_us <= s.first_human_at_us
            then s.first_bot_at_us - s.first_customer_at_us
        else s.first_human_at_us - s.first_customer_at_us
    end as frt_any_us,
    s.closed_at_us - s.start_at_us as resolution_us,
    coalesce(k.parked_us, 0) as parked_us,
    case when s.is_ended then w.handle_us end as handle_us,
    case when s.is_ended then w.wrapup_us end as wrapup_us,
    case when s.is_ended then w.engaged_us end as engaged_us,
    case when s.is_ended then w.effort_us end as effort_us,
    case when s.is_ended then w.idle_us end as idle_us,
    case when s.is_ended then w.idle_tail_us end as idle_tail_us,
    r.next_issue_gap_us,
    r.next_any_gap_us,
    r.next_chat_gap_us,
    r.prev_issue_gap_us,
    case when s.first_closed_at_us <= p.coverage_end_us then p.coverage_end_us - s.first_closed_at_us end
        as maturity_us,
    s.first_reopened_at_us - s.first_closed_at_us as reopen_gap_us,
    coalesce(w.n_legs, 0) as n_legs,
    coalesce(x.n_transfers, 0) as n_transfers,
    coalesce(x.n_queue_transfers, 0) as n_queue_transfers,
    coalesce(w.n_returns, 0) as n_returns,
    s.n_reopens,
    coalesce(t.n_turns, 0) as n_turns,
    s.n_customer_messages,
    s.n_human_messages,
    s.n_canned_messages,
    s.n_bot_messages,
    s.queued_at_us as queue_at_us,
    s.closed_at_us as close_at_us
from states s
join stg_conversation c on c.conversation_key = s.conversation_key
cross join build_params p
left join stg_trait o on o.source = c.source and o.source_account = c.source_account
left join worked w on w.conversation_key = s.conversation_key
left join last_leg l on l.conversation_key = s.conversation_key and l.leg_rank = 1
left join last_queue q on q.conversation_key = s.conversation_key and q.queue_rank = 1
left join parked k on k.conversation_key = s.conversation_key
left join stg_farewell f on f.conversation_key = s.conversation_key
left join stg_target g
    on g.metric = 'service_level' and g.conversation_key = s.conversation_key and g.at_us = s.queued_at_us
left join transfers x on x.conversation_key = s.conversation_key
left join turns t on t.conversation_key = s.conversation_key
left join surveyed v on v.conversation_key = s.conversation_key
left join stg_repeat r on r.conversation_key = s.conversation_key
left join stg_elapsed e on e.conversation_key = s.conversation_key
