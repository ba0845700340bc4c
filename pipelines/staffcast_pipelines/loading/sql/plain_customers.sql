-- Customers that the rows name.
select distinct customer_id as name from plain_rows where is_plain and customer_id is not null
