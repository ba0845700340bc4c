-- The contacts of these customers.
insert into work.main.contacts
select c.* from warehouse.main.contacts c semi join dirty_customer d on d.customer_key = c.customer_key
