-- Customers whose contacts changed, or whose conversations are built anew.
create table work.main.dirty_customer as
with changed as (
    select source || '/' || source_account || '/' || contact_id as contact_key, customer_key
    from contacts
    where load_id > $load_id or (created_at_us > $past_us and created_at_us <= $as_of_us)
),
touched as (
    select customer_key from changed
    union
    select f.customer_key from facts.main.fact_contact f semi join changed c on c.contact_key = f.contact_key
    union
    select key from replaced_keys where kind = 'customer' and load_id > $load_id
    union
    select customer_key from stg_milestone
    union
    select f.customer_key
    from facts.main.fact_conversation f
    semi join scope s on s.conversation_key = f.conversation_key
)
select customer_key from touched where customer_key is not null
