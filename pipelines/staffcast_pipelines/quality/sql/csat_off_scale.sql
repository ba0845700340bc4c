-- Ratings outside the scale.
select csat < $low or csat > $high as is_bad, 1 as n_rows, conversation_id as sample
from surveys
where csat is not null
