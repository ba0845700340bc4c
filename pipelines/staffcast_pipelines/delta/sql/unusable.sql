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
    ) as changed_targets
