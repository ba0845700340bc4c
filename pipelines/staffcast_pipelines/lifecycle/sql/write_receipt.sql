-- What an erasure removed, without saying whom.
insert into erasures values ($receipt, $erased_at, $counts)
