-- The customers that the file names, under the keys that they are stored with.
create or replace temp table plain_customers as
select customer_id, person_key($person || length(customer_id) || ':' || customer_id) as customer_key
from (select distinct customer_id from plain_seen where customer_id is not null)
