-- Surveys sent or answered more than a second before their chat began.
select
    least(coalesce(s.sent_at_us, s.responded_at_us), coalesce(s.responded_at_us, s.sent_at_us))
    < c.created_at_us - 1000000 as is_bad,
    1 as n_rows,
    s.conversation_id as sample
from surveys s
join conversations c
    on c.source = s.source and c.source_account = s.source_account and c.conversation_id = s.conversation_id
where s.sent_at_us is not null or s.responded_at_us is not null
