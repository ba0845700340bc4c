-- The next texts of conversations of which words are known.
select conversation_id, prose, text
from plain_texts
semi join plain_terms using (conversation_id)
where number >= $first and number < $first + $n and text is not null
