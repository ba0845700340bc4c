-- What the build noted about itself, and the profile that the generation was published under.
select key, value from facts.build_info where key not in ('works_council', 'min_group')
union all
select 'works_council', $state
union all
select 'min_group', cast($min_group as varchar)
