-- Grain: a queue, with all time spent waiting in it and how often a customer gave up.
-- Threads of messaging wait for hours and are no measure of patience: live chats only.
-- The wait of those who were answered, or who still wait, is censored patience: it counts in the time alone.
select
    coalesce(queue, '') as queue,
    cast(sum(coalesce(queue_wait_us, abandon_wait_us, waiting_us, 0)) as bigint) as wait_us,
    count(*) filter (where is_abandoned) as n_abandoned,
    count(*) as n_offered
from fact_conversation
where is_offered and mode = 'live'
group by coalesce(queue, '')
order by coalesce(queue, '')
