-- What is stored of plain events.
create or replace temp macro plain_stored(of_source, of_account, keeps_text, text_from) as table
select
    of_source as source,
    of_account as source_account,
    event_id,
    plain_rows.conversation_id,
    event_type,
    instant as timestamp,
    epoch_us(instant) as timestamp_us,
    agent_id,
    queue,
    to_queue,
    to_channel,
    case
        when keeps_text and instant >= text_from then coalesce(marked, safe, detail)
        when regexp_matches(lower(detail), getvariable('inactivity')) then '[inactivity]'
    end as detail,
    row_key(hash(
        event_id, plain_rows.conversation_id, event_type, epoch_us(instant), agent_id, queue, to_queue, to_channel,
        detail, cast(null as varchar)
    )) as row_hash
from plain_rows
left join redactions on redactions.prose = plain_rows.detail
left join marks on marks.conversation_id = plain_rows.conversation_id and marks.prose = plain_rows.detail
anti join erased_conversations on erased_conversations.conversation_id = plain_rows.conversation_id
where is_plain
