-- A small table for the statements that follow.
create or replace temp table {{table}} as from incoming
