-- Identifiers of the person's conversations.
select distinct conversation_id from person_conversations order by conversation_id
