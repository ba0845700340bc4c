-- Number of cells of the rows just inserted that hold something.
select {{columns|count(@)| + }} from {{table}} where load_id = $load_id
