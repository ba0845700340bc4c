-- Grain: a conversation in which the customer fell silent after the accept, as the desk itself noted: the close names
-- it, or the last message of the desk is a closing phrase for customers who no longer answer.
with silent as (
    select conversation_key, accepted_at_us, closed_at_us
    from stg_milestone
    where
        accepted_at_us is not null
        and closed_at_us is not null
        and (last_customer_at_us is null or last_customer_at_us <= accepted_at_us)
),
reasons as (
    select
        source || '/' || source_account || '/' || conversation_id as conversation_key,
        timestamp_us as at_us
    from events
    where
        event_type = 'closed'
        and lower(detail) in (
            'inactivity', 'inactive', 'timeout', 'idle', 'no_response', 'no response', 'customer_left', 'customer left',
            '[inactivity]'
        )
),
last_words as (
    select
        s.conversation_key,
        m.source,
        m.source_account,
        m.message_id,
        row_number() over (partition by s.conversation_key order by m.at_us desc nulls last, m.message_id) as word_no
    from silent s
    join stg_message m
        on m.conversation_key = s.conversation_key and m.at_us >= s.accepted_at_us and m.at_us <= s.closed_at_us
    where m.is_public and m.sender_type <> 'customer'
),
phrased as (
    select distinct w.conversation_key
    from last_words w
    join messages m
        on m.source = w.source and m.source_account = w.source_account and m.message_id = w.message_id
    join dim_farewell p on lower(m.text) like p.pattern
    where w.word_no = 1
)
select s.conversation_key
from silent s
join reasons r on r.conversation_key = s.conversation_key and r.at_us = s.closed_at_us
union
select conversation_key from phrased
