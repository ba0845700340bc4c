-- Agents who wrote or took a chat, with one of their chats, that the agents table does not have.
with seen as (
    select source, source_account, sender_id as agent_id, conversation_id
    from messages
    where sender_type = 'agent' and sender_id is not null
    union all
    select source, source_account, agent_id, conversation_id from events where agent_id is not null
),
people as (
    select source, source_account, agent_id, min(conversation_id) as conversation_id
    from seen
    group by source, source_account, agent_id
)
select a.agent_id is null as is_bad, 1 as n_rows, p.conversation_id as sample
from people p
left join agents a
    on a.source = p.source and a.source_account = p.source_account and a.agent_id = p.agent_id
where exists (select * from agents)
