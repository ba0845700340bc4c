-- Keys that the rows just inserted hold more than once, or that were stored before.
create or replace temp table contested as
with fresh as (
    select {{keys}} from {{table}} where load_id = $load_id
),
doubled as (
    select {{keys}} from fresh group by {{keys}} having count(*) > 1
),
known as (
    select {{keys}} from fresh
    semi join (
        select {{keys}} from {{table}}
        where load_id <> $load_id and source = $source and source_account = $source_account
    ) as stored using ({{keys}})
)
select * from doubled
union
select * from known
