-- Grain: a queue, with the chats that known customers abandoned and those of them that were followed within
-- $within_us by another contact of the customer, as far as that could have been seen.
select
    coalesce(queue, '') as queue,
    count(*) as n_abandoned,
    count(*) filter (where next_any_gap_us <= $within_us) as n_returned
from fact_conversation
where is_offered and is_abandoned and customer_key is not null and maturity_us >= $within_us
group by coalesce(queue, '')
order by coalesce(queue, '')
