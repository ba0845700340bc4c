-- A backup that is being made anew, or was not made.
delete from backups where path = $path
