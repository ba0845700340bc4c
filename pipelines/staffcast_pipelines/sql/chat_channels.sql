-- Channels on which conversations came.
select distinct lower(channel) as channel
from conversations
where channel is not null
