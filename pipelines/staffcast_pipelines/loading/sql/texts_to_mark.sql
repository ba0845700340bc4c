-- Texts of linked conversations, where the text or what is known of the customer is new.
create or replace temp table texts_to_mark as
select row_number() over () - 1 as number, r.rowid as row_number, l.conversation_key, r.{{column}} as text
from {{table}} as r
join (
    select conversation_key, max(load_id) as load_id from linked_customers group by conversation_key
) as l on l.conversation_key = r.source || '/' || r.source_account || '/' || r.conversation_id
cross join marked_until as u
where r.{{column}} is not null and (l.load_id > u.load_id or r.load_id > u.load_id)
