-- Replies older than the message that they answer.
select m.timestamp_us < q.timestamp_us as is_bad, 1 as n_rows, m.conversation_id as sample
from messages m
join messages q on q.source = m.source and q.source_account = m.source_account and q.message_id = m.reply_to
