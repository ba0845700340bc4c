-- The rules that bind every load.
select key, value from policies
