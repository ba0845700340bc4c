-- The texts of the file as redaction leaves them, with whom they belong to.
create or replace temp table plain_texts as
select row_number() over () - 1 as number, conversation_id, customer_id, prose, coalesce(safe, prose) as text
from plain_rows
left join redactions using (prose)
where is_plain
