-- Rows that came when rows a long time younger had been loaded before them.
with reach as (
    select source, source_account, load_id, max({{at}}_us) as newest_us
    from {{table}}
    group by source, source_account, load_id
),
known as (
    select
        source,
        source_account,
        load_id,
        max(newest_us) over (
            partition by source, source_account
            order by load_id
            rows between unbounded preceding and 1 preceding
        ) as known_us
    from reach
)
select
    coalesce(r.{{at}}_us < k.known_us - $late_us, false) as is_bad,
    1 as n_rows,
    r.conversation_id as sample
from {{table}} r
join known k
    on k.source = r.source and k.source_account = r.source_account and k.load_id = r.load_id
