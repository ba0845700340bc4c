-- Identifiers of conversations, also of those that only messages or ratings know.
insert into old_ids
select 'conversations', source, source_account, conversation_id from person_conversations
