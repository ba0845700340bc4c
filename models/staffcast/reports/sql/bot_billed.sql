-- Conversations that the bot's vendor billed as resolved, and what became of each.
select
    conversation_id,
    start_date,
    queue,
    topic,
    language,
    is_ended,
    is_contained,
    is_bot_answered,
    is_bot_confirmed,
    is_contained and has_negative_survey as has_complaint,
    customer_key is not null as is_known,
    maturity_us is not null and maturity_us >= $window_us as is_mature,
    case when next_issue_gap_us <= $window_us then next_issue_gap_us end as came_back_us
from fact_conversation
where is_bot_billed and start_date >= $first and start_date < $end
order by start_date, conversation_key
