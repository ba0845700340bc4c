-- Texts that redaction may change.
select distinct prose from plain_rows where is_plain and regexp_matches(prose, $pattern)
