-- What was taken out to be merged.
delete from {{table}} as fresh
using contested
where fresh.load_id = $load_id and {{keys|fresh.@ = contested.@| and }}
