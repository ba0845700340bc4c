-- Recorded costs, and whether the conversations of their source say that the bot was billed or not.
with billing as (
    select distinct source, source_account from conversations where bot_billed is not null
)
select
    c.source,
    c.source_account,
    c.channel,
    c.kind,
    c.amount,
    c.unit_price,
    c.period_start,
    c.period_end,
    b.source is not null as is_billing_recorded
from costs c
left join billing b on b.source = c.source and b.source_account = c.source_account
