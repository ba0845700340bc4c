-- New words of names and addresses; those of superseded records too, so that order leaves no trace.
insert into customer_terms
select $source, $source_account, fresh.customer_key, fresh.kind, fresh.term_hash, $load_id
from (
    select customer_key, kind, term_hash from staged_terms
    except
    select customer_key, kind, term_hash
    from customer_terms
    where source = $source and source_account = $source_account
) as fresh
