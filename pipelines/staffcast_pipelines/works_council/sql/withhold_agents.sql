-- Rows of a fact with each agent under a label that is good for one local day and cannot be traced back.
with labelled as (
    select * replace (
        case
            when agent_id is not null and {{day}} is not null
                then {{day}} || '/' || substr(sha256($secret || '/' || {{day}} || '/' || agent_id), 1, 12)
        end as agent_id
    )
    from facts.{{fact}}
)
select * from labelled order by {{order}}, agent_id
