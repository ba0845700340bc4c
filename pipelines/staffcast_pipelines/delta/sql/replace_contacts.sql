-- All contacts of these customers: those made anew, and their chats that stay as they were.
insert into work.main.fact_contact by name
select f.*
from facts.main.fact_contact f
semi join dirty_customer d on d.customer_key = f.customer_key
anti join scope s on s.conversation_key = f.contact_key
where f.is_chat;

delete from facts.main.fact_contact f using dirty_customer d where d.customer_key = f.customer_key;

insert into facts.main.fact_contact by name from work.main.fact_contact
