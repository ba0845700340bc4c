-- The customers that are being looked at.
create or replace temp table person_keys (customer_key varchar, fresh_key varchar)
