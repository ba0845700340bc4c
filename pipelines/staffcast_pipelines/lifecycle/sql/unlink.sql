-- Drop references of the person's rows to rows of others.
update {{table}}
set {{column}} = null
where
    {{column}} is not null
    and rowid in (select row_id from person_rows where table_name = $table)
    and not exists (
        select 1
        from fresh_ids as f
        where
            f.kind = $kind
            and f.source = {{table}}.source
            and f.source_account = {{table}}.source_account
            and f.old_id = {{table}}.{{column}}
    )
