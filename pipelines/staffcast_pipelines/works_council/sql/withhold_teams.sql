-- The same, and without the names of teams and sites that are too small that day.
with labelled as (
    select f.* replace (
        f.{{day}} || '/' || substr(sha256($secret || '/' || f.{{day}} || '/' || f.agent_id), 1, 12) as agent_id,
        case when t.label is null then f.team end as team,
        case when s.label is null then f.site end as site
    )
    from facts.{{fact}} f
    left join small_team t on t.local_day = f.{{day}} and t.label = f.team
    left join small_site s on s.local_day = f.{{day}} and s.label = f.site
)
select * from labelled order by {{order}}, agent_id
