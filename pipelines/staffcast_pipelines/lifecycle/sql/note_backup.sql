-- A backup is being made.
insert into backups values ($path, $made_at)
