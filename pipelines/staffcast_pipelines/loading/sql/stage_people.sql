-- How the customers of a chunk are known.
insert into staged_people by name select * from incoming
