-- What is stored of plain messages.
create or replace temp macro plain_stored(of_source, of_account, keeps_text, text_from) as table
select
    of_source as source,
    of_account as source_account,
    message_id,
    plain_rows.conversation_id,
    instant as timestamp,
    epoch_us(instant) as timestamp_us,
    sender_type,
    case when sender_type = 'customer' then plain_customers.customer_key else sender_id end as sender_id,
    case
        when keeps_text and instant >= text_from then coalesce(marked, safe, text)
        when regexp_matches(lower(text), getvariable('inactivity')) then '[inactivity]'
    end as text,
    is_canned = 'true' as is_canned,
    is_auto = 'true' as is_auto,
    visibility,
    reply_to,
    row_key(hash(
        message_id, plain_rows.conversation_id, epoch_us(instant), sender_type, sender_id, text, is_canned = 'true',
        is_auto = 'true', visibility, reply_to, cast(null as varchar)
    )) as row_hash
from plain_rows
left join plain_customers using (customer_id)
left join redactions on redactions.prose = plain_rows.text
left join marks on marks.conversation_id = plain_rows.conversation_id and marks.prose = plain_rows.text
anti join erased_conversations on erased_conversations.conversation_id = plain_rows.conversation_id
anti join erased_customers using (customer_id)
where is_plain
