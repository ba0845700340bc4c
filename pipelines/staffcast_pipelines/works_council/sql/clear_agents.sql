-- Agents that are stored under their own identifier.
create or replace temp table clear_agents (
    source varchar,
    source_account varchar,
    agent_id varchar,
    primary key (source, source_account, agent_id)
)
