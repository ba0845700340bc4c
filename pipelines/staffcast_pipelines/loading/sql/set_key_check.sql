-- A hash that only the right keys give.
insert into policies values ('key_check', $1)
