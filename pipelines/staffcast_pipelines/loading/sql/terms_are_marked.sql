-- Up to here everything is marked.
delete from policies where key = 'terms_marked_until';
insert into policies
select 'terms_marked_until', cast(coalesce(max(load_id), 0) as varchar) from loads
