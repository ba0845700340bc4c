-- Conversations that the rows name.
select distinct conversation_id as name from plain_rows where is_plain
