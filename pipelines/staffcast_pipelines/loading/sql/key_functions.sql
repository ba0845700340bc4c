-- HMAC-SHA256 with one key, 128 bits as hex, and the fingerprint of a row's hash with the same key.
create or replace temp macro hmac{{number}}(text) as left(
    sha256(getvariable('outer{{number}}') || unhex(sha256(getvariable('inner{{number}}') || encode(text)))), 32
);
create or replace temp macro stir{{number}}(number) as cast(
    hash(md5(getvariable('row{{number}}') || cast(number as varchar))) >> 1 as bigint
)
