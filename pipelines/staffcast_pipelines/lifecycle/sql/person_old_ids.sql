-- Identifiers to be replaced.
create or replace temp table old_ids (kind varchar, source varchar, source_account varchar, old_id varchar)
