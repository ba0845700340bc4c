-- The chain of keys begins.
create or replace temp macro person{{number}}(text) as hmac{{number}}(text);
create or replace temp macro row{{number}}(number) as stir{{number}}(number)
