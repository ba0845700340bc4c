-- Grain: a surveyed conversation, with its latest answer (or its latest request if nobody answered).
with known as (
    select
        s.source || '/' || s.source_account || '/' || s.conversation_id as conversation_key,
        s.survey_id,
        s.sent_at_us,
        case when s.responded_at_us <= p.as_of_us then s.responded_at_us end as responded_at_us,
        s.csat,
        s.nps,
        s.ces,
        s.resolved
    from surveys s
    cross join build_params p
    where (s.sent_at_us is null or s.sent_at_us <= p.as_of_us) and s.conversation_id is not null
),
ranked as (
    select
        k.*,
        row_number() over (
            partition by conversation_key
            order by responded_at_us desc nulls last, sent_at_us desc nulls last, survey_id
        ) as survey_no
    from known k
),
answered as (
    select
        r.conversation_key,
        r.sent_at_us,
        r.responded_at_us,
        r.responded_at_us is not null as is_responded,
        case when r.responded_at_us is not null then r.csat end as csat,
        case when r.responded_at_us is not null then r.nps end as nps,
        case when r.responded_at_us is not null then r.ces end as ces,
        case when r.responded_at_us is not null then r.resolved end as is_resolved
    from ranked r
    where r.survey_no = 1
),
last_leg as (
    select
        conversation_key,
        agent_id,
        row_number() over (partition by conversation_key order by leg_no desc) as leg_rank
    from stg_leg
)
select
    a.conversation_key,
    l.agent_id,
    a.sent_at_us,
    a.responded_at_us as response_at_us,
    a.csat,
    a.nps,
    a.ces,
    a.is_responded,
    coalesce(a.csat >= 1 and a.csat <= p.csat_scale, false) as is_csat_valid,
    coalesce(a.csat >= p.csat_positive_min and a.csat <= p.csat_scale, false) as is_csat_positive,
    a.is_resolved,
    m.closed_at_us as close_at_us
from answered a
cross join build_params p
join stg_milestone m on m.conversation_key = a.conversation_key
left join last_leg l on l.conversation_key = a.conversation_key and l.leg_rank = 1
where not m.is_test
