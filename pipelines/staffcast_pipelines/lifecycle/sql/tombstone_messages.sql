-- Messages without a conversation are remembered one by one.
insert into tombstones
with hashed as (
    select
        source,
        source_account,
        'message' as kind,
        person_key(
            '7:message' || length(source) || ':' || source || length(source_account) || ':' || source_account
            || length(message_id) || ':' || message_id
        ) as external_hash
    from messages
    where
        conversation_id is null
        and rowid in (select row_id from person_rows where table_name = 'messages')
)
select hashed.*, $erased_at
from hashed
anti join tombstones using (source, source_account, kind, external_hash)
