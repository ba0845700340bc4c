-- Rules, among them which key file fits, and that the facts are yet to be built anew.
insert into rewritten.main.policies
select key, value from warehouse.main.policies where key not in ('key_check', 'unfinished')
union all
select 'key_check', getvariable('key_check')
union all
select 'unfinished', 'rotate-key'
