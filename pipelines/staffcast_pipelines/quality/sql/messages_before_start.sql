-- Messages more than a second before their conversation was created.
select m.timestamp_us < c.created_at_us - 1000000 as is_bad, 1 as n_rows, m.conversation_id as sample
from messages m
join conversations c
    on c.source = m.source and c.source_account = m.source_account and c.conversation_id = m.conversation_id
