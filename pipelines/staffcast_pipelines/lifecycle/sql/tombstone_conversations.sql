-- Remember by keyed hash which conversations were the person's.
insert into tombstones
with hashed as (
    select
        source,
        source_account,
        'conversation' as kind,
        person_key(
            '12:conversation' || length(source) || ':' || source || length(source_account) || ':' || source_account
            || length(conversation_id) || ':' || conversation_id
        ) as external_hash
    from person_conversations
)
select hashed.*, $erased_at
from hashed
anti join tombstones using (source, source_account, kind, external_hash)
