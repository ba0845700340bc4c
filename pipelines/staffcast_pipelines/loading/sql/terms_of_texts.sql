-- Known words of the customers of some conversations.
select conversation_id, kind, term_hash from plain_terms semi join incoming using (conversation_id)
