-- Grain: a source account, with what its exports record at all: inference fills in only what they never do.
with queueing as (
    select
        source,
        source_account,
        count(*) filter (where event_type in ('queued', 'accepted')) > 0 as records_queueing
    from events
    group by source, source_account
),
outcomes as (
    select source, source_account from conversations where bot_outcome is not null
    union
    select source, source_account from bot_sessions where outcome is not null
)
select
    coalesce(q.source, o.source) as source,
    coalesce(q.source_account, o.source_account) as source_account,
    coalesce(q.records_queueing, false) as records_queueing,
    o.source is not null as records_outcomes
from queueing q
full join outcomes o on o.source = q.source and o.source_account = q.source_account
