-- Rows with text from before an instant; a row without a time is as old as its load.
select count(*)
from {{table}}
left join loads on loads.load_id = {{table}}.load_id
where
    coalesce({{times|@, |}} epoch_us(loads.loaded_at)) < $before_us
    and ({{noted|@ <> $mark or |}}{{free|@ is not null| or }})
