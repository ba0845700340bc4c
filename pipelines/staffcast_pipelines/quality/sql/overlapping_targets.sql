-- Targets that begin while another one for the same conversations still holds.
with scoped as (
    select
        metric || '/' || coalesce(queue, '') || '/' || coalesce(channel, '') || '/' || coalesce(priority, '') || '/'
        || coalesce(tier, '') as scope,
        coalesce(from_date, '') as from_date,
        coalesce(to_date, '9999-12-31') as to_date,
        source,
        source_account
    from targets
),
placed as (
    select
        from_date,
        max(to_date) over (
            partition by scope order by from_date, to_date, source, source_account
            rows between unbounded preceding and 1 preceding
        ) as held_until
    from scoped
)
select coalesce(held_until > from_date, false) as is_bad, 1 as n_rows, cast(null as varchar) as sample
from placed
