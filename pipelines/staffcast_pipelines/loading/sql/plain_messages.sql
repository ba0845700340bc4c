-- The rows of a file of messages, and whether each is plain: null is no.
create or replace temp view plain_rows as
select
    *,
    plain_instant(timestamp) as instant,
    text as prose,
    case when sender_type = 'customer' then sender_id end as customer_id,
    is_plain_id(message_id)
    and is_plain_id(conversation_id)
    and is_plain_time(timestamp, plain_instant(timestamp))
    and sender_type in ('customer', 'agent', 'bot', 'system')
    and (sender_id is null or is_plain_id(sender_id))
    and is_plain_text(text)
    and is_plain_bool(is_canned)
    and is_plain_bool(is_auto)
    and (visibility is null or visibility in ('public', 'private'))
    and (reply_to is null or is_plain_id(reply_to)) as is_plain
from plain_cells
