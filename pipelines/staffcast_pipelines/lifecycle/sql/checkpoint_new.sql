-- Everything into the file, nothing left in its log.
checkpoint rewritten
