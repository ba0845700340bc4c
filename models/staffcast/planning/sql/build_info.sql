-- What the build noted about itself.
select key, value from build_info order by key
