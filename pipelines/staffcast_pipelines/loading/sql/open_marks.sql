-- Texts of the file with the words marked that are known of the customers of their conversation.
create or replace temp table marks (conversation_id varchar, prose varchar, marked varchar)
