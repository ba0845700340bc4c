-- The works-council profile that the generation was published under.
select key, value from build_info where key in ('works_council', 'min_group')
