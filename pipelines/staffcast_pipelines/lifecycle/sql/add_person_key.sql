-- One of them, with the random key that takes its place.
insert into person_keys values ($1, $2)
