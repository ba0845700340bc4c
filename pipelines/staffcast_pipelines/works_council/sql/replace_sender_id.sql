update {{table}} as t
set sender_id = p.pseudonym
from agent_pseudonyms p
where
    p.source = t.source
    and p.source_account = t.source_account
    and p.agent_id = t.sender_id
    and t.sender_type in ('agent', 'bot')
