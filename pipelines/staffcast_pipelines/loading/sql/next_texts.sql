-- Some of the texts to mark, so many as fit into memory at once.
select row_number, conversation_key, text
from texts_to_mark
where number >= $first and number < $first + $n
