-- Older versions make room.
delete from {{table}} as stored
using staged_rows as fresh, verdicts
where
    {{keys|stored.@ is not distinct from fresh.@| and }}
    and verdicts.row_number = fresh.rowid
    and verdicts.verdict = 'updated'
