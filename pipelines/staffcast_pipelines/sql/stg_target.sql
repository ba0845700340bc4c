-- Grain: an instant of a conversation at which a target applies: a turn's begin (reply_within) or the entry into the
-- queue (service_level). The most specific target that holds on that local day applies.
with asked as (
    select 'reply_within' as metric, t.conversation_key, t.turn_at_us as at_us
    from stg_turn t
    where t.waits_for_human
    union
    select 'service_level', conversation_key, queued_at_us
    from stg_milestone
    where queued_at_us is not null
),
placed as (
    select
        a.metric,
        a.conversation_key,
        a.at_us,
        coalesce(d.queue, '') as queue,
        coalesce(d.channel, '') as channel,
        coalesce(d.priority, '') as priority,
        coalesce(d.tier, '') as tier,
        s.local_date as on_date
    from asked a
    join stg_dimension d on d.conversation_key = a.conversation_key
    join dim_slot s on s.queue = '' and s.slot_at_us = a.at_us - a.at_us % 900000000
),
combinations as (
    select distinct metric, queue, channel, priority, tier, on_date from placed
),
matches as (
    select
        c.metric,
        c.queue,
        c.channel,
        c.priority,
        c.tier,
        c.on_date,
        g.within_s,
        coalesce(g.clock = 'calendar', false) as is_on_calendar,
        row_number() over (
            partition by c.metric, c.queue, c.channel, c.priority, c.tier, c.on_date
            order by
                case when g.queue is null then 1 else 0 end,
                case when g.channel is null then 1 else 0 end,
                case when g.priority is null then 1 else 0 end,
                case when g.tier is null then 1 else 0 end,
                g.from_date desc nulls last,
                g.within_s,
                g.clock nulls last
        ) as match_no
    from combinations c
    join targets g
        on g.metric = c.metric
        and (g.queue is null or g.queue = c.queue)
        and (g.channel is null or g.channel = c.channel)
        and (g.priority is null or g.priority = c.priority)
        and (g.tier is null or g.tier = c.tier)
        and (g.from_date is null or g.from_date <= c.on_date)
        and (g.to_date is null or g.to_date > c.on_date)
)
select
    p.metric,
    p.conversation_key,
    p.at_us,
    cast(floor(g.within_s * 1000000) as bigint) as target_us,
    g.is_on_calendar
from placed p
join matches g
    on g.match_no = 1
    and g.metric = p.metric
    and g.queue = p.queue
    and g.channel = p.channel
    and g.priority = p.priority
    and g.tier = p.tier
    and g.on_date = p.on_date
