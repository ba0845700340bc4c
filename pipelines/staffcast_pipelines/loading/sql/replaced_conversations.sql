-- Conversations that rows about to be replaced belonged to.
insert into replaced_keys
select distinct $load_id, stored.source, stored.source_account, 'conversation', stored.conversation_id
from {{table}} as stored
join staged_rows as fresh on {{keys|stored.@ is not distinct from fresh.@| and }}
join verdicts on verdicts.row_number = fresh.rowid and verdicts.verdict = 'updated'
where stored.conversation_id is not null
