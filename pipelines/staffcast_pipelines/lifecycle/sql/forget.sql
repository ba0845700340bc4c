-- Drop what tells about the person, and the fingerprint of the row; that a customer no longer answered leaves a mark.
update {{table}}
set
    {{noted|@ = case when regexp_matches(lower(@), $pattern) then $mark end,|}}
    {{dropped|@ = null, |}} row_hash = cast(random() * 9000000000000000000 as bigint)
where rowid in (select row_id from person_rows where table_name = $table)
