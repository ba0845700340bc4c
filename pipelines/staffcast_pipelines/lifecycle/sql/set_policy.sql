-- A rule that binds from now on.
insert into policies values ($key, $value)
