-- Names of loaded files.
select distinct file_name from loads
union
select distinct file_name from quarantine
