-- Empty tables for the rows of one file, shaped like their target. The first is made with a row of nulls that goes
-- again at once: in DuckDB 2.0, rows inserted in bulk into a table that the same transaction made from an empty
-- query are counted but never seen again.
create or replace temp table staged_rows as
select shape.* exclude (load_id)
from (select 1) as one
left join (select * from {{table}} limit 0) as shape on true;
delete from staged_rows;
create or replace temp table staged_people (kind varchar, external_hash varchar, customer_key varchar);
create or replace temp table staged_terms (customer_key varchar, kind varchar, term_hash varchar)
