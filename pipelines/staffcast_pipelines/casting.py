"""From text to types: each cell gives a value, nothing, or a reason why its row cannot be loaded."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import polars as pl

from staffcast.core.errors import ConfigError, SourceError, did_you_mean
from staffcast.store.schema import Column, Kind, canonical_table
from staffcast_pipelines.times import read_times

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from staffcast_pipelines.mapping import Mapping

__all__ = ["Cast", "cast_columns"]

_TRUE = ("true", "yes", "1", "t", "y")
_FALSE = ("false", "no", "0", "f", "n")
_SHOWABLE = re.compile(r"[A-Za-z][A-Za-z_ -]{0,29}")
_FREE_TEXT = (Kind.PROSE, Kind.BODY)
_SPACES = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)))) + (
    "\u2028\u2029\u202f\u205f\u3000"
)
_MARKS = (
    "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Zero-width and direction marks: not seen, and not meant, at the ends of an identifier."""
_UNSEEN = rf"[\x01-\x1f\x7f-\x9f{_MARKS}]"
_LONGEST_GUESS = 40
_TYPES = {Kind.TIME: pl.Int64, Kind.BOOL: pl.Boolean, Kind.INT: pl.Int64, Kind.FLOAT: pl.Float64}


@dataclass(slots=True)
class Cast:
    """Typed columns under their canonical names, and why rows failed.

    Attributes:
        columns: Times as UTC microseconds, the rest as their kind says.
        failures: Field and reason by row index: the first failing column of the row.
        notes: How many cells were taken with a doubt, by field and what the doubt is.
    """

    columns: dict[str, pl.Series] = field(default_factory=dict)
    failures: dict[int, tuple[str, str]] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def fail(self, column: str, reasons: pl.Series) -> None:
        """Note the rows whose reason is not null."""
        for row in reasons.is_not_null().arg_true().to_list():
            self.failures.setdefault(row, (column, reasons[row]))

    def note(self, column: str, doubt: str, is_doubted: pl.Series) -> None:
        """Count the cells of which something is to be said."""
        if n := int(is_doubted.sum()):
            self.notes[f"{column}: {doubt}"] = n


def cast_columns(
    texts: pl.DataFrame, lines: pl.Series, *, mapping: Mapping, timezone: str | None, path: Path
) -> Cast:
    """Cast the canonical columns of a file.

    Identifiers and labels lose white space, zero-width and direction marks at their ends and are brought to
    the composed Unicode form; texts stay as they are.

    Args:
        texts: All columns of the table as text.
        lines: Line of each row.
        mapping: Time formats, and which required columns are made up for otherwise.
        timezone: Zone of times without an offset.
        path: The file, for messages.

    Raises:
        SourceError: A required time column has no zone in any row and none is declared, or its declared
            format takes days for months.
        ConfigError: A time format of the mapping cannot be used.
    """
    table = canonical_table(mapping.table)
    cast = Cast()
    for column in table.columns:
        cells = _trimmed(texts[column.name], column)
        if cells.null_count() == len(cells):
            cast.columns[column.name] = cells.cast(_TYPES.get(column.kind, pl.String))
        elif column.kind is Kind.TIME:
            cast.columns[column.name] = _times(cells, column, cast, lines, mapping, timezone, path)
        else:
            cast.columns[column.name], reasons = _typed(cells, column)
            cast.fail(column.name, reasons)
            if column.kind not in (*_FREE_TEXT, Kind.JSON, Kind.URL):
                cast.note(column.name, "holds an unseen character", cells.str.contains(_UNSEEN))
        if column.required and column.name not in mapping.not_required:
            cast.fail(column.name, _missing(cells))
    if table.one_of:
        frame = pl.DataFrame({name: cast.columns[name] for name in table.one_of})
        nothing = frame.select(
            pl.when(pl.all_horizontal(pl.all().is_null())).then(
                pl.lit(f"needs one of {', '.join(table.one_of)}")
            )
        ).to_series()
        cast.fail(table.one_of[0], nothing)
    return cast


def _trimmed(cells: pl.Series, column: Column) -> pl.Series:
    if cells.null_count() == len(cells):
        return cells
    if column.kind not in _FREE_TEXT:
        cells = cells.str.strip_chars(_SPACES + _MARKS)
        if (cells.str.len_bytes() != cells.str.len_chars()).any():
            cells = cells.str.normalize("NFC")
    return cells.set(cells == "", None)


def _missing(cells: pl.Series) -> pl.Series:
    return pl.select(pl.when(cells.is_null()).then(pl.lit("is required but empty"))).to_series()


def _times(
    cells: pl.Series,
    column: Column,
    cast: Cast,
    lines: pl.Series,
    mapping: Mapping,
    timezone: str | None,
    path: Path,
) -> pl.Series:
    format_ = mapping.rule(column.name).time
    try:
        times = read_times(cells, format=format_, timezone=mapping.timezone or timezone)
        is_swapped = _is_swapped(cells, times.us, format_)
    except pl.exceptions.PolarsError as error:
        raise ConfigError(
            f"the time format '{format_}' cannot be used", hint="see the strptime directives"
        ) from error
    if is_swapped.any():
        raise SourceError(
            f"in the format '{format_}' this is no time, but with day and month exchanged it is one",
            path=path,
            line=lines[is_swapped.arg_true()[0]],
            field=column.name,
            hint="correct the format, or split the file where its format changes",
        )
    if times.is_naive.any() and column.required and times.us.is_null().all():
        raise SourceError(
            "times have no zone",
            path=path,
            line=lines[times.is_naive.arg_true()[0]],
            field=column.name,
            hint="declare theirs, for example --tz Europe/Berlin",
        )
    cast.fail(column.name, times.reasons)
    cast.note(column.name, "comes twice as clocks go back, the first was taken", times.is_ambiguous)
    return times.us


def _is_swapped(cells: pl.Series, us: pl.Series, format_: str) -> pl.Series:
    """Cells that are times only if day and month of the declared format change places."""
    failed = cells.set(us.is_not_null(), None)
    days, months = format_.find("%d"), format_.find("%m")
    if min(days, months) < 0 or format_.startswith("%Y") or failed.null_count() == len(failed):
        return failed.is_not_null() & False
    swapped = format_.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")
    return failed.str.to_datetime(swapped, strict=False).is_not_null()


def _typed(cells: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    match column.kind:
        case Kind.BOOL:
            return _booleans(cells)
        case Kind.INT:
            values = cells.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
            return values, _reasons(
                cells, values.is_null(), lambda cell: f"not a whole number (like {_shape(cell)})"
            )
        case Kind.FLOAT:
            values = cells.cast(pl.Float64, strict=False)
            values = values.set(~values.is_finite(), None)
            return values, _reasons(
                cells, values.is_null(), lambda cell: f"not a number (like {_shape(cell)})"
            )
        case Kind.JSON:
            return cells, _reasons(
                cells, ~cells.map_elements(_is_json, return_dtype=pl.Boolean), lambda _: "not JSON"
            )
        case _:
            return _chosen(cells, column) if column.choices else (cells, _reasons(cells, None))


def _booleans(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    lowered = cells.str.to_lowercase()
    words = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    values = lowered.replace_strict(words, default=None, return_dtype=pl.Boolean)
    return values, _reasons(cells, values.is_null(), lambda _: "not yes or no")


def _chosen(cells: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    lowered = cells.str.to_lowercase()
    values = lowered.set(~lowered.is_in(list(column.choices)), None)
    return values, _reasons(
        cells,
        values.is_null(),
        lambda cell: _unknown(cell, column.choices),
    )


def _reasons(
    cells: pl.Series, failed: pl.Series | None, message: Callable[[str], str] | None = None
) -> pl.Series:
    """Reason of each cell that is not empty but failed; the message is made once per different cell."""
    if failed is None or message is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    wrong = cells.set(~(failed & cells.is_not_null()), None)
    messages = {cell: message(cell) for cell in wrong.drop_nulls().unique().to_list()}
    return wrong.replace_strict(messages, default=None, return_dtype=pl.String)


def _is_json(cell: str) -> bool:
    try:
        json.loads(cell, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _shape(cell: str) -> str:
    """The form of a cell without its content: a shifted row may hold anything here."""
    return re.sub(r"[^\x20-\x7e]", "?", re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", cell[:30])))


def _unknown(cell: str, choices: tuple[str, ...]) -> str:
    """Only what is nearly a known value is repeated: a shifted row may hold anything here."""
    near = did_you_mean(cell[:_LONGEST_GUESS].lower(), choices)
    is_near = near.startswith("did") and _SHOWABLE.fullmatch(cell)
    return f"unknown value '{cell}': {near}" if is_near else f"unknown value; {did_you_mean('', choices)}"
