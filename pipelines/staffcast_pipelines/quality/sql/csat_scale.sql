-- The scale of ratings that the data declare.
select value from source_config where key = 'csat_scale'
