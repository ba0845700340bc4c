-- Number of cells that hold something, of the rows just inserted and of those to be merged.
select sum(n) from (
    select {{columns|count(@)| + }} as n from {{table}} where load_id = $load_id
    union all
    select {{columns|count(@)| + }} from staged_rows
)
