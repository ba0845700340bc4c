-- Texts that redaction may change.
select distinct prose from plain_rows where regexp_matches(prose, $pattern)
