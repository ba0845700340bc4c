-- Tables with all their constraints, still empty.
copy from database warehouse to rewritten (schema)
