-- A rule that no longer binds.
delete from policies where key = $key
