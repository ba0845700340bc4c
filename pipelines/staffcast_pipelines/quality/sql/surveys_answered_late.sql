-- Surveys that were answered long after they were sent, or after the chat where no sending is recorded.
select
    s.responded_at_us - coalesce(s.sent_at_us, c.closed_at_us) > $late_us as is_bad,
    1 as n_rows,
    s.conversation_id as sample
from surveys s
left join conversations c
    on c.source = s.source and c.source_account = s.source_account and c.conversation_id = s.conversation_id
where s.responded_at_us is not null and coalesce(s.sent_at_us, c.closed_at_us) is not null
