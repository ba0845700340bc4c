-- A full build follows, which needs no list of what to look at.
delete from {{table}}
