-- Drop what tells about the person, and the fingerprint of the row.
update {{table}}
set {{dropped|@ = null, |}} row_hash = cast(random() * 9000000000000000000 as bigint)
where rowid in (select row_id from person_rows where table_name = $table)
