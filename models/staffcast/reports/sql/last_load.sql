-- The last load that the published facts know of.
select coalesce(max(load_id), 0) as load_id from loads
