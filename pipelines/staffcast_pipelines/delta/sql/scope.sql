-- Conversations that are built anew.
create table work.main.scope as
select conversation_key from dirty
union all
select conversation_key from neighbour
