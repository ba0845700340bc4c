-- Grain: a customer turn that waits for a human. The most specific reply target that holds that day applies.
with turns as (
    select t.*, d.queue, d.channel, d.priority, d.tier, s.local_date as turn_date
    from stg_turn t
    join stg_dimension d on d.conversation_key = t.conversation_key
    join dim_slot s on s.queue = '' and s.slot_at_us = t.turn_at_us - t.turn_at_us % 900000000
),
combinations as (
    select distinct queue, channel, priority, tier, turn_date from turns
),
matches as (
    select
        c.queue,
        c.channel,
        c.priority,
        c.tier,
        c.turn_date,
        g.within_s,
        row_number() over (
            partition by c.queue, c.channel, c.priority, c.tier, c.turn_date
            order by
                case when g.queue is null then 1 else 0 end,
                case when g.channel is null then 1 else 0 end,
                case when g.priority is null then 1 else 0 end,
                case when g.tier is null then 1 else 0 end,
                g.from_date desc nulls last,
                g.within_s
        ) as match_no
    from combinations c
    join targets g
        on g.metric = 'reply_within'
        and (g.queue is null or g.queue = c.queue)
        and (g.channel is null or g.channel = c.channel)
        and (g.priority is null or g.priority = c.priority)
        and (g.tier is null or g.tier = c.tier)
        and (g.from_date is null or g.from_date <= c.turn_date)
        and (g.to_date is null or g.to_date > c.turn_date)
)
select
    t.turn_key,
    t.conversation_key,
    t.agent_id,
    t.is_first,
    t.replied_at_us is not null as is_answered,
    t.is_open as is_censored,
    t.turn_at_us,
    t.replied_at_us,
    t.replied_at_us - t.turn_at_us as reply_us,
    br.elapsed_us - bt.elapsed_us as reply_business_us,
    cast(floor(g.within_s * 1000000) as bigint) as target_us,
    t.turn_at_us as start_at_us
from turns t
join stg_milestone m on m.conversation_key = t.conversation_key
left join stg_business bt on bt.queue = coalesce(t.queue, '') and bt.at_us = t.turn_at_us
left join stg_business br on br.queue = coalesce(t.queue, '') and br.at_us = t.replied_at_us
left join matches g
    on g.match_no = 1
    and coalesce(g.queue, '') = coalesce(t.queue, '')
    and coalesce(g.channel, '') = coalesce(t.channel, '')
    and coalesce(g.priority, '') = coalesce(t.priority, '')
    and coalesce(g.tier, '') = coalesce(t.tier, '')
    and g.turn_date = t.turn_date
where t.waits_for_human and not m.is_test
