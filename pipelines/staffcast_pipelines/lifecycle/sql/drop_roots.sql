-- The build makes its own.
drop table if exists message_roots
