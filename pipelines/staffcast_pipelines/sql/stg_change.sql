-- Grain: an instant at which something about an open conversation changes: its life, who holds it, what is owed.
-- Each change carries what began or ended; running maxima tell what holds after it, so that a thread of thousands of
-- messages takes no longer than as many short ones. life_state is odd while the conversation is open.
with marks as (
    select conversation_key, start_at_us as at_us, 0 as mark_order, 0 as mark_rank, 1 as is_alive
    from stg_milestone
    union all
    select conversation_key, at_us, 1, event_rank, case when event_type = 'closed' then 0 else 1 end
    from stg_event
    where event_type in ('closed', 'reopened', 'resumed', 'accepted', 'queued')
    union all
    select conversation_key, abandoned_at_us, 1, 101, 0
    from stg_milestone
    where abandoned_at_us is not null
),
lives as (
    select
        conversation_key,
        at_us,
        2 * row_number() over (
            partition by conversation_key order by mark_order, at_us, mark_rank, is_alive
        ) + is_alive as life_state
    from marks
),
points as (
    select conversation_key, at_us, life_state, null as hold_no, null as asked_at_us, null as settled_at_us
    from lives
    union all
    select conversation_key, at_us, null, event_no, null, null from stg_hold
    union all
    select conversation_key, turn_at_us, null, null, turn_at_us, null
    from stg_turn
    where waits_for_human and (is_open or owed_end_at_us > turn_at_us)
    union all
    select conversation_key, owed_end_at_us, null, null, null, owed_end_at_us
    from stg_turn
    where waits_for_human and not is_open and owed_end_at_us > turn_at_us
    union all
    select
        conversation_key,
        case when accepted_at_us < queued_at_us or queued_at_us is null then accepted_at_us else queued_at_us end,
        null,
        null,
        null,
        null
    from stg_milestone
    where accepted_at_us is not null or queued_at_us is not null
),
changes as (
    select
        conversation_key,
        at_us,
        max(life_state) as life_state,
        max(hold_no) as hold_no,
        max(asked_at_us) as asked_at_us,
        max(settled_at_us) as settled_at_us
    from points
    group by conversation_key, at_us
)
select
    conversation_key,
    at_us,
    lead(at_us) over (partition by conversation_key order by at_us) as until_at_us,
    row_number() over (partition by conversation_key order by at_us) as change_no,
    max(life_state) over w as life_state,
    max(hold_no) over w as hold_no,
    max(asked_at_us) over w as asked_at_us,
    max(settled_at_us) over w as settled_at_us
from changes
window w as (partition by conversation_key order by at_us rows between unbounded preceding and current row)
