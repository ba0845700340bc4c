-- The rows of a file of events in JSON lines, and whether each is plain.
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
            event_id: 'VARCHAR',
            conversation_id: 'VARCHAR',
            event_type: 'VARCHAR',
            timestamp: 'VARCHAR',
            agent_id: 'VARCHAR',
            queue: 'VARCHAR',
            to_queue: 'VARCHAR',
            to_channel: 'VARCHAR',
            detail: 'VARCHAR'
        }
    )
)
select
    *,
    detail as prose,
    cast(null as varchar) as customer_id,
    coalesce(
        is_printable(concat(event_id, conversation_id, agent_id, queue, to_queue, to_channel))
        and is_plain_id(event_id)
        and is_plain_id(conversation_id)
        and event_type in (select event_type from known_event_types)
        and is_plain_time(timestamp, instant)
        and (agent_id is null or is_plain_id(agent_id))
        and (queue is null or is_plain_id(queue))
        and (to_queue is null or is_plain_id(to_queue))
        and (to_channel is null or is_plain_id(to_channel))
        and is_plain_text(detail),
        false
    ) as is_plain
from cells
