-- The file to be.
attach $1 as rewritten
