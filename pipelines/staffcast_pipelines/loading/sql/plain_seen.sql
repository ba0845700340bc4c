-- Key and customer of every row, in the order of the file.
create or replace temp table plain_seen as
select case when {{key}} is not null then hash({{key}}) end as key_hash, customer_id
from plain_rows
