-- Plain events straight into their table; those that meet another version of themselves are taken out again later.
insert into events by name
select
    $source as source,
    $source_account as source_account,
    event_id,
    conversation_id,
    event_type,
    instant as timestamp,
    epoch_us(instant) as timestamp_us,
    agent_id,
    queue,
    to_queue,
    to_channel,
    case when $keeps_text and instant >= $text_from then coalesce(safe, detail) end as detail,
    row_key(hash(
        event_id, conversation_id, event_type, epoch_us(instant), agent_id, queue, to_queue, to_channel, detail,
        cast(null as varchar)
    )) as row_hash,
    $load_id as load_id
from plain_rows
left join redactions on redactions.prose = plain_rows.detail
anti join erased_conversations using (conversation_id)
where is_plain
