-- Grain: a customer turn that waits for a human.
with parked as (
    select distinct t.turn_key
    from stg_turn t
    join stg_park p
        on p.conversation_key = t.conversation_key
        and p.parked_at_us <= t.turn_at_us
        and p.parked_end_at_us >= t.turn_at_us
)
select
    t.turn_key,
    t.conversation_key,
    t.agent_id,
    t.is_first,
    t.replied_at_us is not null as is_answered,
    t.is_open as is_censored,
    k.turn_key is not null as is_after_parking,
    coalesce(g.is_on_calendar, false) as is_target_on_calendar,
    t.turn_at_us,
    t.replied_at_us,
    t.replied_at_us - t.turn_at_us as reply_us,
    case when t.replied_at_us is not null then be.elapsed_us - bt.elapsed_us end as reply_business_us,
    case when t.owed_end_at_us >= t.turn_at_us then t.owed_end_at_us - t.turn_at_us end as lasted_us,
    case when t.owed_end_at_us >= t.turn_at_us then be.elapsed_us - bt.elapsed_us end as lasted_business_us,
    g.target_us,
    t.turn_at_us as start_at_us
from stg_turn t
join stg_milestone m on m.conversation_key = t.conversation_key
join stg_dimension d on d.conversation_key = t.conversation_key
left join stg_business bt on bt.queue = coalesce(d.queue, '') and bt.at_us = t.turn_at_us
left join stg_business be on be.queue = coalesce(d.queue, '') and be.at_us = t.owed_end_at_us
left join stg_target g
    on g.metric = 'reply_within' and g.conversation_key = t.conversation_key and g.at_us = t.turn_at_us
left join parked k on k.turn_key = t.turn_key
where t.waits_for_human and not m.is_test
