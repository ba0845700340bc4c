-- What was marked; equal texts of one conversation count once.
insert into marks
select conversation_id, prose, marked from incoming
except
select conversation_id, prose, marked from marks
