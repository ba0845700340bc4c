-- How often the person is known.
select count(*) from {{table}} where customer_key in (select customer_key from person_keys)
