-- Grain: an entry of a conversation into a human queue.
select
    e.conversation_key || '#' || cast(e.entry_no as string) as entry_key,
    e.conversation_key,
    e.queue as entered_queue,
    e.result,
    m.initiated_by <> 'agent' and not m.is_test as is_inbound,
    e.entry_no = 1 as is_first_entry,
    e.entered_at_us,
    e.left_at_us,
    e.left_at_us - e.entered_at_us as entry_wait_us,
    bl.elapsed_us - be.elapsed_us as entry_wait_business_us,
    e.entered_at_us as queue_at_us
from stg_entry e
join stg_milestone m on m.conversation_key = e.conversation_key
left join stg_business be on be.queue = coalesce(e.queue, '') and be.at_us = e.entered_at_us
left join stg_business bl on bl.queue = coalesce(e.queue, '') and bl.at_us = e.left_at_us
