-- The rows of a file of messages in JSON lines, and whether each is plain.
create or replace temp view plain_rows as
with cells as (
    select
        *,
        case
            when suffix(timestamp, 'Z') then try_cast(timestamp as timestamp)
            else make_timestamp(epoch_us(try_cast(timestamp as timestamptz)))
        end as instant
    from read_json(
        getvariable('plain_path'),
        format = 'newline_delimited',
        ignore_errors = true,
        columns = {
            message_id: 'VARCHAR',
            conversation_id: 'VARCHAR',
            timestamp: 'VARCHAR',
            sender_type: 'VARCHAR',
            sender_id: 'VARCHAR',
            text: 'VARCHAR',
            is_canned: 'VARCHAR',
            is_auto: 'VARCHAR',
            visibility: 'VARCHAR',
            reply_to: 'VARCHAR'
        }
    )
)
select
    *,
    text as prose,
    case when sender_type = 'customer' then sender_id end as customer_id,
    coalesce(
        is_printable(concat(message_id, conversation_id, sender_id, reply_to))
        and is_plain_id(message_id)
        and is_plain_id(conversation_id)
        and is_plain_time(timestamp, instant)
        and sender_type in ('customer', 'agent', 'bot', 'system')
        and (sender_id is null or is_plain_id(sender_id))
        and is_plain_text(text)
        and is_plain_bool(is_canned)
        and is_plain_bool(is_auto)
        and (visibility is null or visibility in ('public', 'private'))
        and (reply_to is null or is_plain_id(reply_to)),
        false
    ) as is_plain
from cells
