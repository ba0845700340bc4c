-- The same for what the paid time is given to, under keys that name nobody.
update facts.fact_cost f
set cost_micros = l.cost_micros
from (
    with paid as (
        select
            cost_key,
            sum(paid_us) over (order by cost_key rows between unbounded preceding and current row) as paid_to,
            paid_us,
            sum(paid_us) over () as paid_all,
            sum(cost_micros) over () as cost_all
        from facts.fact_cost
        where cost_kind = 'agents' and cost_micros is not null
    )
    select
        cost_key,
        cast(floor(cost_all * (paid_to / paid_all)) - floor(cost_all * ((paid_to - paid_us) / paid_all)) as bigint)
            as cost_micros
    from paid
    where paid_all > 0
) l
where l.cost_key = f.cost_key;

update facts.fact_cost f
set cost_key = 'agents/' || n.number
from (
    select cost_key, cast(row_number() over (order by spent_at_us, cost_key) as varchar) as number
    from facts.fact_cost
    where cost_kind = 'agents'
) n
where n.cost_key = f.cost_key
