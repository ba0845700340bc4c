-- Chats that were, or still are, open for a very long time.
select coalesce(f.closed_at_us, p.as_of_us) - f.start_at_us > $long_us as is_bad, 1 as n_rows, f.conversation_id as sample
from fact_conversation f
cross join (select cast(value as bigint) as as_of_us from build_info where key = 'as_of_us') p
