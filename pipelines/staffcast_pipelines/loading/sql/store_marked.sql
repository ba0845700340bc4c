-- Texts in which known words are marked now.
update {{table}} as r set {{column}} = incoming.marked
from incoming
where r.rowid = incoming.row_number
