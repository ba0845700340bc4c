-- Presence on the days in question; a status that the next one ended keeps that end without it.
create table work.main.agent_status as
with recorded as (
    select
        s.*,
        coalesce(
            s.ended_at_us,
            lead(s.started_at_us) over (
                partition by s.agent_id order by s.started_at_us, s.status, s.source, s.source_account
            )
        ) as until_us
    from warehouse.main.agent_status s
),
ended as (
    select * exclude (until_us) replace (until_us as ended_at_us) from recorded
)
select *
from ended
where ended_at_us is null or ended_at_us > $cut_us
union all
select e.*
from ended e
where
    e.ended_at_us <= $cut_us
    and exists (
        select *
        from dirty_day d
        where
            d.agent_id = e.agent_id
            and d.day_us < e.ended_at_us
            and d.day_us + 86400000000 > e.started_at_us
    )
