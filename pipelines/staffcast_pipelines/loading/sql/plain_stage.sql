-- Contested rows are merged like those of any other file.
insert into staged_rows by name
from plain_stored($source, $source_account, $keeps_text, $text_from)
