-- Reads every block of a table, so that a damaged one is found.
select count(*), sum(cast(hash(t) as hugeint)) from {{table}} t
