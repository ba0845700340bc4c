-- Each conversation's first accept: who took it, when in the week, and how many active chats that made.
with accepts as (
    select
        leg_key,
        conversation_key,
        agent_id,
        accepted_at_us,
        start_weekday * 24 + start_hour as hour_of_week,
        row_number() over (partition by conversation_key order by accepted_at_us, leg_key) as number
    from fact_leg
)
select
    a.conversation_key,
    a.agent_id,
    a.hour_of_week,
    s.k_active + case when s.is_active then 0 else 1 end as k_active
from accepts a
join fact_leg_load s on s.leg_key = a.leg_key and s.segment_at_us = a.accepted_at_us
where a.number = 1
order by a.conversation_key
