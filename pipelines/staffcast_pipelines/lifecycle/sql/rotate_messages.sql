-- Messages under the newest key: customers are stored under their key, agents perhaps under a pseudonym.
insert into rewritten.main.messages
select
    * replace (
        next_id(message_id) as message_id,
        case
            when sender_type = 'customer' then rehash(sender_id)
            when sender_type in ('agent', 'bot') then next_agent(sender_id)
            else sender_id
        end as sender_id,
        next_row(row_hash) as row_hash
    )
from warehouse.main.messages
