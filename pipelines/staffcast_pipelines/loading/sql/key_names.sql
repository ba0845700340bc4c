-- The functions under the names that statements use.
create or replace temp macro person_key(text) as person{{last}}(text);
create or replace temp macro row_key(number) as row{{last}}(number);
create or replace temp macro rehash(text) as hmac{{last}}(text);
create or replace temp macro rehash_row(number) as stir{{last}}(number)
