-- Each key hashes what the chain before it gave.
create or replace temp macro person{{number}}(text) as hmac{{number}}(person{{before}}(text));
create or replace temp macro row{{number}}(number) as stir{{number}}(row{{before}}(number))
