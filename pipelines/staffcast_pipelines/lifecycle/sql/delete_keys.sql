-- Forget how the person was known.
delete from {{table}} where customer_key in (select customer_key from person_keys)
