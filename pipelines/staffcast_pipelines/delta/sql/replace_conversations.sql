-- The rows of the conversations built anew take the place of those before.
delete from facts.main.{{fact}} f
using scope s
where s.conversation_key = f.conversation_key;

insert into facts.main.{{fact}} by name from work.main.{{fact}};

drop table work.main.{{fact}}
