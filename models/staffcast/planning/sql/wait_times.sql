-- Grain: an offered live chat that waited: how long, and whether its customer gave up.
-- The wait of those who were answered, or who still wait, is censored patience.
select
    coalesce(queue, '') as queue,
    coalesce(queue_wait_us, abandon_wait_us, waiting_us, 0) as wait_us,
    coalesce(is_abandoned, false) as is_abandoned
from fact_conversation
where is_offered and mode = 'live'
  and coalesce(queue_wait_us, abandon_wait_us, waiting_us, 0) > 0
order by coalesce(queue, ''), wait_us, is_abandoned
