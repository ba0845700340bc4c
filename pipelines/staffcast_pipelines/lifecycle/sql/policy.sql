-- A rule, if there is one.
select value from policies where key = $key
