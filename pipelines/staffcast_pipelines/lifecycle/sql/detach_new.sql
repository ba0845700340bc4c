-- Let go of the file.
detach database if exists rewritten
