-- Grain: a conversation of a known customer, with the gaps to the contacts before and after it.
-- Gaps are stored, not flags, so that every window is a filter. An unknown topic matches any.
with points as (
    select customer_key, coalesce(topic, '') as topic, start_at_us as at_us, 0 as is_probe, contact_key, is_chat
    from fact_contact
    union all
    select customer_key, coalesce(topic, ''), close_at_us, 1, contact_key, is_chat
    from fact_contact
    where is_chat and close_at_us is not null
),
neighbours as (
    select
        contact_key,
        is_chat,
        topic,
        at_us,
        is_probe,
        min(case when is_probe = 0 then at_us end) over (
            partition by customer_key order by at_us, is_probe, contact_key
            rows between 1 following and unbounded following
        ) as next_any_at_us,
        min(case when is_probe = 0 and topic = '' then at_us end) over (
            partition by customer_key order by at_us, is_probe, contact_key
            rows between 1 following and unbounded following
        ) as next_unknown_at_us,
        min(case when is_probe = 0 then at_us end) over (
            partition by customer_key, topic order by at_us, is_probe, contact_key
            rows between 1 following and unbounded following
        ) as next_same_at_us,
        min(case when is_probe = 0 and is_chat and topic = '' then at_us end) over (
            partition by customer_key order by at_us, is_probe, contact_key
            rows between 1 following and unbounded following
        ) as next_unknown_chat_at_us,
        min(case when is_probe = 0 and is_chat then at_us end) over (
            partition by customer_key order by at_us, is_probe, contact_key
            rows between 1 following and unbounded following
        ) as next_any_chat_at_us,
        min(case when is_probe = 0 and is_chat then at_us end) over (
            partition by customer_key, topic order by at_us, is_probe, contact_key
            rows between 1 following and unbounded following
        ) as next_same_chat_at_us,
        max(case when is_probe = 0 then at_us end) over (
            partition by customer_key order by at_us, is_probe, contact_key
            rows between unbounded preceding and 1 preceding
        ) as prev_any_at_us,
        max(case when is_probe = 0 and topic = '' then at_us end) over (
            partition by customer_key order by at_us, is_probe, contact_key
            rows between unbounded preceding and 1 preceding
        ) as prev_unknown_at_us,
        max(case when is_probe = 0 then at_us end) over (
            partition by customer_key, topic order by at_us, is_probe, contact_key
            rows between unbounded preceding and 1 preceding
        ) as prev_same_at_us
    from points
),
issues as (
    select
        contact_key,
        at_us,
        is_probe,
        next_any_at_us,
        case
            when topic = '' then next_any_at_us
            when next_same_at_us is null or next_unknown_at_us < next_same_at_us
                then coalesce(next_unknown_at_us, next_same_at_us)
            else next_same_at_us
        end as next_issue_at_us,
        case
            when topic = '' then next_any_chat_at_us
            when next_same_chat_at_us is null or next_unknown_chat_at_us < next_same_chat_at_us
                then coalesce(next_unknown_chat_at_us, next_same_chat_at_us)
            else next_same_chat_at_us
        end as next_chat_at_us,
        case
            when topic = '' then prev_any_at_us
            when prev_same_at_us is null or prev_unknown_at_us > prev_same_at_us
                then coalesce(prev_unknown_at_us, prev_same_at_us)
            else prev_same_at_us
        end as prev_issue_at_us
    from neighbours
    where is_chat
)
select
    contact_key as conversation_key,
    max(case when is_probe = 1 then next_issue_at_us - at_us end) as next_issue_gap_us,
    max(case when is_probe = 1 then next_any_at_us - at_us end) as next_any_gap_us,
    max(case when is_probe = 1 then next_chat_at_us - at_us end) as next_chat_gap_us,
    max(case when is_probe = 0 then at_us - prev_issue_at_us end) as prev_issue_gap_us
from issues
group by contact_key
