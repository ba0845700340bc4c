-- The conversations that the file names.
select distinct conversation_id as name from plain_cells where conversation_id is not null
