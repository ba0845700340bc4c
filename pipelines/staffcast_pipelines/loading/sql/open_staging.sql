-- Empty tables for the rows of one file, shaped like their target.
create or replace temp table staged_rows as select * exclude (load_id) from {{table}} limit 0;
create or replace temp table staged_people (kind varchar, external_hash varchar, customer_key varchar);
create or replace temp table staged_terms (customer_key varchar, kind varchar, term_hash varchar)
