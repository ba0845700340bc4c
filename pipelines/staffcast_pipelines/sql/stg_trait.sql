-- Grain: a source account, with what its exports record at all: inference fills in only what they never do, and what
-- they never do is not counted as 0.
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
),
templates as (
    select distinct source, source_account from messages where is_canned is not null
),
known as (
    select source, source_account from queueing
    union
    select source, source_account from outcomes
    union
    select source, source_account from templates
)
select
    k.source,
    k.source_account,
    q.source is not null as records_events,
    coalesce(q.records_queueing, false) as records_queueing,
    o.source is not null as records_outcomes,
    t.source is not null as records_templates
from known k
left join queueing q on q.source = k.source and q.source_account = k.source_account
left join outcomes o on o.source = k.source and o.source_account = k.source_account
left join templates t on t.source = k.source and t.source_account = k.source_account
