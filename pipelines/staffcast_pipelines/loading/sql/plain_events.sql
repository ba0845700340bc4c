-- The rows of a file of events, and whether each is plain: null is no.
create or replace temp view plain_rows as
select
    *,
    plain_instant(timestamp) as instant,
    detail as prose,
    cast(null as varchar) as customer_id,
    is_plain_id(event_id)
    and is_plain_id(conversation_id)
    and event_type in (select event_type from known_event_types)
    and is_plain_time(timestamp, plain_instant(timestamp))
    and (agent_id is null or is_plain_id(agent_id))
    and (queue is null or is_plain_id(queue))
    and (to_queue is null or is_plain_id(to_queue))
    and (to_channel is null or is_plain_id(to_channel))
    and is_plain_text(detail) as is_plain
from plain_cells
