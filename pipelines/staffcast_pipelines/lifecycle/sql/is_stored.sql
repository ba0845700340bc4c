-- Whether a customer's key occurs without an identity.
select
    exists (select 1 from conversations where customer_key = $key)
    or exists (select 1 from messages where sender_id = $key)
    or exists (select 1 from customers where customer_key = $key)
    or exists (select 1 from contacts where customer_key = $key)
    or exists (select 1 from surveys where customer_key = $key)
    or exists (select 1 from page_views where customer_key = $key)
