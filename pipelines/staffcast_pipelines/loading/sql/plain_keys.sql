-- Every list of keys that an object of the file has.
select distinct json_keys(json) as keys
from read_ndjson_objects(getvariable('plain_path'), ignore_errors = true)
where json_type(json) = 'OBJECT'
