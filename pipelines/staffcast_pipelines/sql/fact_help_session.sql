-- Grain: a visit of the help pages: views of articles by one customer, less than half an hour apart. A view without a
-- customer is a visit of its own.
with views as (
    select
        v.source || '/' || v.source_account || '/' || v.view_id as view_key,
        v.customer_key,
        coalesce(v.customer_key, v.source || '/' || v.source_account || '/' || v.view_id) as visitor,
        v.viewed_at_us as at_us,
        v.article,
        v.helpful,
        v.device
    from page_views v
    cross join build_params p
    where v.viewed_at_us <= p.as_of_us and v.article is not null
),
begun as (
    select
        v.*,
        case
            when at_us - lag(at_us) over (partition by visitor order by at_us, view_key) < 1800000000 then 0
            else 1
        end as is_begin
    from views v
),
numbered as (
    select
        b.*,
        sum(is_begin) over (
            partition by visitor order by at_us, view_key rows between unbounded preceding and current row
        ) as session_no
    from begun b
),
sessions as (
    select
        visitor,
        session_no,
        min(customer_key) as customer_key,
        min(case when is_begin = 1 then view_key end) as session_key,
        min(case when is_begin = 1 then article end) as article,
        min(case when is_begin = 1 then device end) as device,
        min(at_us) as begun_at_us,
        max(at_us) as ended_at_us,
        count(*) as n_views,
        max(case when helpful then 1 else 0 end) as n_helpful
    from numbered
    group by visitor, session_no
),
points as (
    select customer_key, begun_at_us as at_us, 0 as is_contact, session_key from sessions where customer_key is not null
    union all
    select customer_key, start_at_us, 1, contact_key from fact_contact
),
following as (
    select
        session_key,
        is_contact,
        min(case when is_contact = 1 then at_us end) over (
            partition by customer_key order by at_us, is_contact, session_key
            rows between current row and unbounded following
        ) as next_contact_at_us
    from points
)
select
    s.session_key,
    s.customer_key,
    s.article,
    s.n_helpful > 0 as is_helpful,
    s.begun_at_us,
    s.ended_at_us,
    case
        when f.next_contact_at_us < s.ended_at_us then 0
        else f.next_contact_at_us - s.ended_at_us
    end as next_contact_gap_us,
    case when s.ended_at_us <= p.coverage_end_us then p.coverage_end_us - s.ended_at_us end as maturity_us,
    s.n_views,
    s.device,
    s.begun_at_us as start_at_us
from sessions s
cross join build_params p
left join following f on f.session_key = s.session_key and f.is_contact = 0
