-- New ways in which customers are known.
insert into identities
select $source, $source_account, kind, external_hash, customer_key from staged_people
except
select source, source_account, kind, external_hash, customer_key from identities
