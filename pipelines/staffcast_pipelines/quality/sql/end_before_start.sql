-- Conversations and surveys that end before they begin.
select {{last}}_us < {{first}}_us as is_bad, 1 as n_rows, conversation_id as sample
from {{table}}
where {{first}}_us is not null and {{last}}_us is not null
