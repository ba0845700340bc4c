-- A full build follows, which needs no list of what to look at.
select 1
