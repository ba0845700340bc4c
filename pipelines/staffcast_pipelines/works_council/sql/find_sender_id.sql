insert or ignore into clear_agents
select distinct source, source_account, sender_id
from {{table}}
where
    sender_id is not null
    and sender_type in ('agent', 'bot')
    and not regexp_full_match(sender_id, 'agent~[0-9a-f]+')
