-- Counts of what makes the last generation no base for this build.
select
    (
        select count(*)
        from (select load_id, file_sha256 from base.main.loads except select load_id, file_sha256 from loads) lost
    ) as lost_loads,
    (
        select count(*)
        from (
            select source, source_account, agent_id from base.main.agents
            except
            select source, source_account, agent_id from agents
        ) lost
    ) as lost_agents,
    (
        select count(*)
        from base.main.queue_calendar b
        join queue_calendar q on q.queue = b.queue
        where q.rules <> b.rules
    ) as changed_calendars,
    (
        select count(*)
        from (
            (
                select queue, channel, priority, tier, metric, within_s, from_date, to_date from base.main.targets
                except all
                select queue, channel, priority, tier, metric, within_s, from_date, to_date from targets
            )
            union all
            (
                select queue, channel, priority, tier, metric, within_s, from_date, to_date from targets
                except all
                select queue, channel, priority, tier, metric, within_s, from_date, to_date from base.main.targets
            )
        ) differing
    ) as changed_targets,
    (
        with held as (
            select distinct agent_id from base.main.fact_agent_state
            union
            select agent_id from base.main.agent_trait where is_bot or agent_id = ''
        ),
        past as (
            select
                h.agent_id,
                coalesce(t.is_bot, false) as is_bot,
                coalesce(t.slots, d.slots) as slots,
                case when t.agent_id is null then d.hourly_cost_micros else t.hourly_cost_micros end as micros
            from held h
            cross join (select * from base.main.agent_trait where agent_id = '') d
            left join base.main.agent_trait t on t.agent_id = h.agent_id
        ),
        present as (
            select
                h.agent_id,
                coalesce(t.is_bot, false) as is_bot,
                coalesce(t.slots, d.slots) as slots,
                case when t.agent_id is null then d.hourly_cost_micros else t.hourly_cost_micros end as micros
            from held h
            cross join (select * from stg_agent where agent_id = '') d
            left join stg_agent t on t.agent_id = h.agent_id
        )
        select count(*) from (select * from past except select * from present) differing
    ) as changed_traits
