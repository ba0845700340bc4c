-- Drop text from before an instant; a row without a time is as old as its load.
update {{table}}
set {{free|@ = null|, }}
where
    coalesce(
        {{times|@, |}} (select epoch_us(loads.loaded_at) from loads where loads.load_id = {{table}}.load_id)
    ) < $before_us
    and ({{free|@ is not null| or }})
