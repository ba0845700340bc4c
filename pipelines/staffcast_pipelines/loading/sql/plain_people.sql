-- How the customers of the rows just inserted, or to be merged, are known.
insert into staged_people
select distinct 'customer_id', sender_id, sender_id
from (
    select sender_id, sender_type from messages where load_id = $load_id
    union all
    select sender_id, sender_type from staged_rows
)
where sender_type = 'customer' and sender_id is not null
