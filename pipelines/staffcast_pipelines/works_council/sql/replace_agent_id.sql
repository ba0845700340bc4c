update {{table}} as t
set agent_id = p.pseudonym
from agent_pseudonyms p
where p.source = t.source and p.source_account = t.source_account and p.agent_id = t.agent_id
