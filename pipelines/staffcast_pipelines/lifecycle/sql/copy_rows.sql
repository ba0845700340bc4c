-- The rows of a table as they are.
insert into rewritten.main.{{table}} select * from warehouse.main.{{table}}
