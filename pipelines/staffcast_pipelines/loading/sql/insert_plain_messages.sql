-- Plain messages straight into their table; those that meet another version of themselves are taken out again later.
insert into messages by name
select
    $source as source,
    $source_account as source_account,
    message_id,
    conversation_id,
    instant as timestamp,
    epoch_us(instant) as timestamp_us,
    sender_type,
    case
        when sender_type = 'customer' then person_key($person || length(sender_id) || ':' || sender_id)
        else sender_id
    end as sender_id,
    case when $keeps_text and instant >= $text_from then coalesce(safe, text) end as text,
    cast(is_canned as boolean) as is_canned,
    cast(is_auto as boolean) as is_auto,
    visibility,
    reply_to,
    row_key(hash(
        message_id, conversation_id, epoch_us(instant), sender_type, sender_id, text, cast(is_canned as boolean),
        cast(is_auto as boolean), visibility, reply_to, cast(null as varchar)
    )) as row_hash,
    $load_id as load_id
from plain_rows
left join redactions on redactions.prose = plain_rows.text
anti join erased_conversations using (conversation_id)
anti join erased_customers using (customer_id)
where is_plain
