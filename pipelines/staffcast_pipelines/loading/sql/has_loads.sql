-- Whether anything was ever loaded.
select exists (select 1 from loads)
