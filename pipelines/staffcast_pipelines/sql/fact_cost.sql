-- Grain: money spent: an agent's paid day given to one leg or to none, what the bot took for a conversation, or a day's
-- part of a recorded cost. An agent's day is given to the legs of that day by engaged time, to the last millionth; a
-- day without chats goes to none. Where a day of an agent, or the bot's price, is not known, the row has no cost.
with agent_days as (
    select
        agent_id,
        overlap_date as local_date,
        max(team) as team,
        max(site) as site,
        min(segment_at_us) as begin_at_us,
        cast(sum(cost_micros) as bigint) as cost_micros,
        cast(sum(case when paid = 'paid' then state_us else 0 end) as bigint) as paid_us
    from fact_agent_state
    where overlap_date is not null
    group by agent_id, overlap_date
),
leg_days as (
    select
        agent_id,
        overlap_date as local_date,
        leg_key,
        min(segment_at_us) as begin_at_us,
        cast(sum(cast(floor(chat_us * 27720 / nullif(k_open, 0)) as bigint)) as bigint) as engaged_share
    from fact_leg_load
    where overlap_date is not null
    group by agent_id, overlap_date, leg_key
),
running as (
    select
        l.*,
        sum(engaged_share) over (
            partition by agent_id, local_date order by leg_key rows between unbounded preceding and current row
        ) as share_to,
        sum(engaged_share) over (partition by agent_id, local_date) as share_all
    from leg_days l
),
parts as (
    select
        r.*,
        cast(share_to as double) / nullif(share_all, 0) as part_to,
        cast(share_to - engaged_share as double) / nullif(share_all, 0) as part_from
    from running r
),
given as (
    select
        d.agent_id,
        d.local_date,
        d.team,
        d.site,
        p.leg_key,
        coalesce(p.begin_at_us, d.begin_at_us) as spent_at_us,
        case
            when p.leg_key is null then d.cost_micros
            else cast(floor(d.cost_micros * p.part_to) as bigint) - cast(floor(d.cost_micros * p.part_from) as bigint)
        end as cost_micros,
        case
            when p.leg_key is null then d.paid_us
            else cast(floor(d.paid_us * p.part_to) as bigint) - cast(floor(d.paid_us * p.part_from) as bigint)
        end as paid_us
    from agent_days d
    left join parts p on p.agent_id = d.agent_id and p.local_date = d.local_date and d.cost_micros is not null
    where d.cost_micros > 0 or d.cost_micros is null
),
bot_prices as (
    select local_date, cast(sum(unit_price_micros) as bigint) as unit_price_micros
    from cost_day
    where cost_kind = 'bot' and unit_price_micros is not null and is_billing_recorded
    group by local_date
),
slots as (
    select local_date, min(slot_at_us) as slot_at_us from dim_slot where queue = '' group by local_date
),
spent as (
    select
        'agents/' || g.agent_id || '/' || g.local_date || '/' || coalesce(g.leg_key, '') as cost_key,
        'agents' as cost_kind,
        cast(null as string) as cost_item,
        l.conversation_key,
        g.agent_id,
        g.team,
        g.site,
        g.spent_at_us,
        g.cost_micros,
        g.paid_us,
        g.spent_at_us as matures_from_us
    from given g
    left join fact_leg l on l.leg_key = g.leg_key
    union all
    select
        'bot/' || c.conversation_key,
        'bot',
        cast(null as string),
        c.conversation_key,
        cast(null as string),
        cast(null as string),
        cast(null as string),
        c.start_at_us,
        case when b.unit_price_micros is null or c.is_bot_billed then b.unit_price_micros else 0 end,
        0,
        c.first_closed_at_us
    from fact_conversation c
    left join bot_prices b on b.local_date = c.start_date
    where c.is_bot_involved
    union all
    select
        d.cost_key || '/' || d.local_date,
        d.cost_kind,
        d.cost_item,
        cast(null as string),
        cast(null as string),
        cast(null as string),
        cast(null as string),
        s.slot_at_us,
        d.amount_micros,
        0,
        s.slot_at_us
    from cost_day d
    join slots s on s.local_date = d.local_date
    where d.amount_micros is not null
)
select
    s.cost_key,
    s.cost_kind,
    s.cost_item,
    s.conversation_key,
    s.agent_id,
    s.spent_at_us,
    s.cost_micros,
    s.paid_us,
    case when s.matures_from_us <= p.coverage_end_us then p.coverage_end_us - s.matures_from_us end as maturity_us,
    c.source,
    c.source_account,
    c.channel,
    c.mode,
    c.department,
    c.queue,
    c.language,
    c.priority,
    c.topic,
    c.tier,
    c.segment,
    c.account_id,
    c.country,
    c.device,
    c.initiated_by,
    c.bot_outcome,
    s.team,
    s.site,
    s.spent_at_us as overlap_at_us
from spent s
cross join build_params p
left join fact_conversation c on c.conversation_key = s.conversation_key
