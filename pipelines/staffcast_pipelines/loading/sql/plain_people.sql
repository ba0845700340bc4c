-- How the customers of the rows just inserted are known.
insert into staged_people
select distinct 'customer_id', sender_id, sender_id
from messages
where load_id = $load_id and sender_type = 'customer' and sender_id is not null
