-- What reaches past that instant.
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
)
select * exclude (until_us)
from recorded
where until_us is null or until_us >= $cut_us or started_at_us >= $cut_us
