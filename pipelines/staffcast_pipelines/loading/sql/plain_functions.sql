-- What a cell of plain JSON lines looks like; all others are read with care.
-- An identifier is printable ASCII without a space, no nested value, and no number that may be written otherwise;
-- most begin with a small letter and need not be asked so closely.
create or replace temp macro is_plain_id(cell) as
    (cell >= 'a' and cell < '{' and url_encode(cell) = cell)
    or (
        regexp_full_match(cell, '[!-Z\\-z|-~][!-~]*')
        and cell not in ('NaN', 'Infinity')
        and not (
            cell < ':'
            and regexp_full_match(cell, '-[0-9]{19,}|[0-9]{20,}|-?[0-9]+[.eE][0-9.eE+-]*|-Infinity')
        )
    );
create or replace temp macro is_plain_text(cell) as
    cell is null
    or (
        strlen(cell) < 500000
        and (
            (cell >= 'a' and cell < '{')
            or (cell >= 'O' and cell < '[')
            or not (
                cell = ''
                or (cell >= '[' and cell < '\')
                or (cell >= '{' and cell < '|')
                or cell in ('NaN', 'Infinity')
                or (cell < ':' and regexp_full_match(cell, '-?[0-9.]{16,}|-?[0-9]*[.eE][0-9.eE+-]*|-Infinity'))
            )
        )
    );
create or replace temp macro plain_instant(cell) as
    case
        when suffix(cell, 'Z') then try_cast(cell as timestamp)
        else make_timestamp(epoch_us(try_cast(cell as timestamptz)))
    end;
create or replace temp macro is_plain_time(cell, instant) as
    case
        when suffix(cell, 'Z')
            then strlen(cell) in (20, 24, 27) and contains(cell, 'T') and not contains(cell, 'T24')
        else regexp_full_match(
            cell, '\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,6})?[+-](0\d|1[0-4]):[0-5]\d'
        )
    end
    and instant >= timestamp '1990-01-01'
    and instant < timestamp '2100-01-01';
create or replace temp macro is_plain_bool(cell) as cell is null or cell in ('true', 'false')
