-- Conversations whose costs are made anew: those of the scope, those held on changed days, and those with the bot on
-- days on which its price is another than before.
create table work.main.fact_conversation as
with past as (
    select local_date, unit_price_micros, is_billing_recorded
    from facts.main.cost_day
    where cost_kind = 'bot' and unit_price_micros is not null
),
present as (
    select local_date, unit_price_micros, is_billing_recorded
    from cost_day
    where cost_kind = 'bot' and unit_price_micros is not null
),
priced_anew as (
    select local_date from (select * from past except all select * from present) gone
    union
    select local_date from (select * from present except all select * from past) come
),
wanted as (
    select conversation_key from scope
    union
    select conversation_key from work.main.fact_leg_load
    union
    select f.conversation_key
    from facts.main.fact_conversation f
    semi join priced_anew p on p.local_date = f.start_date
)
select f.*
from facts.main.fact_conversation f
semi join wanted w on w.conversation_key = f.conversation_key
