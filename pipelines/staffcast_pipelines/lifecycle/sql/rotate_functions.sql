-- How stored values become those of the newest key: made-up identifiers, pseudonyms, fingerprints of rows.
-- A negative number is no fingerprint: it marks rows of an older schema that any version may replace.
create or replace temp macro next_id(id) as
    case
        when regexp_full_match(id, '~[0-9a-f]{32}([.][0-9]+)?') then '~' || rehash(id[2:33]) || id[34:]
        else id
    end;
create or replace temp macro next_agent(id) as
    case
        when regexp_full_match(id, 'agent~[0-9a-f]{12}') then 'agent~' || rehash(id[7:])[:12]
        else id
    end;
create or replace temp macro next_row(number) as
    case when number < 0 then number else rehash_row(number) end
