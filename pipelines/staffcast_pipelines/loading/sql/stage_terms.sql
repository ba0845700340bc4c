-- Hashed words of names and addresses of the customers of a chunk.
insert into staged_terms by name select * from incoming
