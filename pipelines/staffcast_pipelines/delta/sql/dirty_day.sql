-- Days of agents on which their load changed, and nothing that others did on them can be kept.
create table work.main.dirty_day as
with past as (
    select leg_key, conversation_key, agent_id, day_us, digest
    from facts.main.leg_day
    where conversation_key in (select conversation_key from dirty)
),
present as (
    select leg_key, conversation_key, agent_id, day_us, digest from leg_digest
)
select agent_id, day_us from (select * from past except select * from present) gone
union
select agent_id, day_us from (select * from present except select * from past) come
