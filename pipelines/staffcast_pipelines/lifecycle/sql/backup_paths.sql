-- Backups that were made of this warehouse.
select distinct path from backups order by path
