-- Rows whose key nobody contests go straight into their table.
insert into {{table}} by name
select stored.*, $load_id as load_id
from plain_stored($source, $source_account, $keeps_text, $text_from) as stored
anti join contested on contested.key_hash = hash(stored.{{key}})
