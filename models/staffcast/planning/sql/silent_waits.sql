-- Grain: a live chat that was accepted after a wait and whose customer never wrote again: gone before the
-- accept, or fallen silent after it. The desk noted some of them as gone.
select
    coalesce(queue, '') as queue,
    queue_wait_us as wait_us,
    coalesce(is_silent_noted, false) as is_silent_noted
from fact_conversation
where is_offered and mode = 'live' and is_silent and not coalesce(is_abandoned, false) and queue_wait_us > 0
order by coalesce(queue, ''), wait_us, is_silent_noted
