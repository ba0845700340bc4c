-- Drop text from before an instant; a row without a time is as old as its load. A text that said that the customer no
-- longer answers leaves a mark.
update {{table}}
set
    {{noted|@ = case when regexp_matches(lower(@), $pattern) then $mark end,|}}
    {{free|@ = null|, }}
where
    coalesce(
        {{times|@, |}} (select epoch_us(loads.loaded_at) from loads where loads.load_id = {{table}}.load_id)
    ) < $before_us
    and ({{noted|@ <> $mark or |}}{{free|@ is not null| or }})
