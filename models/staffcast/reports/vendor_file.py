"""A vendor's figure to reconcile with: one total, or a value for each conversation."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING

from staffcast.core.errors import ConfigError, SchemaError, SourceError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Unit", "VendorFigures", "VendorValue", "read_vendor_file", "vendor_value"]

_ID = "conversation_id"
_CLOCK_TEXT = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]\d)")
_FLAGS = {"yes": 1, "true": 1, "y": 1, "no": 0, "false": 0, "n": 0}


class Unit(StrEnum):
    """What a vendor's number counts."""

    PLAIN = "plain"
    S = "s"
    MIN = "min"
    H = "h"
    PERCENT = "percent"

    @property
    def factor(self) -> float:
        """From this unit to seconds, or to a share."""
        return {"min": 60.0, "h": 3600.0, "percent": 0.01}.get(self.value, 1.0)


@dataclass(frozen=True, slots=True)
class VendorValue:
    """A number as the vendor printed it.

    Attributes:
        value: In seconds, as a share, or plain.
        tolerance: One unit of its last digit: it may have been rounded or cut off.
    """

    value: float
    tolerance: float

    def matches(self, ours: float | None) -> bool:
        """Whether our number, rounded or cut off, prints the same."""
        return ours is not None and abs(ours - self.value) <= self.tolerance * (1 + 1e-9)


@dataclass(frozen=True)
class VendorFigures:
    """What a file says: a total, or conversations with or without a value.

    Attributes:
        total: The one number; None if it lists conversations.
        by_conversation: Value by conversation id; None where the file gives none.
    """

    total: VendorValue | None
    by_conversation: Mapping[str, VendorValue | None]


def read_vendor_file(
    path: Path, *, id_column: str = _ID, value_column: str | None = None, unit: Unit | None = None
) -> VendorFigures:
    """Read a CSV with one total, or with a row for each conversation.

    Args:
        path: UTF-8, with a header.
        id_column: Column with the conversation ids; without it the file holds one total.
        value_column: Column with the values; by default ``value``, ``value_s``, ``value_min``, ``value_h`` or
            ``value_percent``, whose ending is the unit.
        unit: Of the values.

    Raises:
        SourceError: The file cannot be read, or a value is not a number.
        SchemaError: A column is missing, or there is not exactly one total.
    """
    header, rows = _read(path)
    column, named = _value_column(path, header, value_column)
    chosen = unit or named
    if id_column not in header:
        return VendorFigures(_total(path, header, rows, column, chosen), {})
    found: dict[str, VendorValue | None] = {}
    for line, row in rows:
        key = (row[id_column] or "").strip()
        if not key:
            raise SourceError("empty", path=path, line=line, field=id_column)
        if key in found:
            raise SourceError(
                f"conversation {key} occurs twice", path=path, line=line, hint="give one row for each"
            )
        text = (row[column] or "").strip() if column else ""
        found[key] = _value(path, line, column, text, chosen) if text else None
    return VendorFigures(None, found)


def vendor_value(text: str, unit: Unit | None = None) -> VendorValue:
    """Read a number as vendors print it: ``82.4``, ``82.4 %``, ``1:23``, ``0:01:23``, ``yes``.

    Args:
        text: The number.
        unit: Of a bare number.

    Raises:
        ValueError: It is not one.

    Example:
        >>> vendor_value("82.4 %")
        VendorValue(value=0.8240000000000001, tolerance=0.001)
        >>> vendor_value("1.5", Unit.MIN)
        VendorValue(value=90.0, tolerance=6.0)
        >>> vendor_value("1:23")
        VendorValue(value=83.0, tolerance=1.0)
    """
    if text.lower() in _FLAGS:
        return VendorValue(_FLAGS[text.lower()], 0.0)
    if clock := _CLOCK_TEXT.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return VendorValue(float(hours * 3600 + minutes * 60 + seconds), 1.0)
    factor = (unit or Unit.PLAIN).factor
    if text.endswith("%"):
        text, factor = text[:-1].strip(), Unit.PERCENT.factor
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"not a number: '{text}'") from error
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"not a number: '{text}'")  # noqa: TRY004 - the text is at fault, not its type
    return VendorValue(float(number) * factor, float(Decimal(1).scaleb(min(exponent, 0))) * factor)


def _read(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str | None]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            "cannot be read", path=path, hint="check the path; the file must be UTF-8"
        ) from error
    reader = csv.DictReader(io.StringIO(text), restkey="")
    try:
        header = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = header
        rows = [(reader.line_num, row) for row in reader if any(row.values())]
    except csv.Error as error:
        raise SourceError(f"not a CSV: {error}", path=path, line=reader.line_num) from error
    if not rows:
        raise SchemaError("no rows below the header", path=path)
    for line, row in rows:
        if "" in row and "" not in header:
            raise SourceError("more cells than the header has", path=path, line=line)
    return header, rows


def _value_column(path: Path, header: list[str], asked: str | None) -> tuple[str | None, Unit | None]:
    if asked is not None:
        if asked not in header:
            raise SchemaError(f"no column '{asked}'", path=path, line=1, hint=did_you_mean(asked, header))
        return asked, None
    endings: dict[str, Unit | None] = {"value": None}
    endings |= {f"value_{unit.value}": unit for unit in (Unit.S, Unit.MIN, Unit.H, Unit.PERCENT)}
    found = [name for name in header if name in endings]
    if len(found) > 1:
        raise SchemaError(f"several values: {', '.join(found)}", path=path, line=1, hint="keep one")
    return (found[0], endings[found[0]]) if found else (None, None)


def _total(
    path: Path,
    header: list[str],
    rows: list[tuple[int, dict[str, str | None]]],
    column: str | None,
    unit: Unit | None,
) -> VendorValue:
    if column is None:
        raise SchemaError(
            f"neither a column value nor {_ID}, only {', '.join(header)}", path=path, line=1,
            hint="name them with --value-column and --id-column",
        )  # fmt: skip
    if len(rows) > 1:
        raise SchemaError(f"{len(rows)} totals", path=path, hint=f"keep one, or add a column {_ID}")
    [(line, row)] = rows
    return _value(path, line, column, (row[column] or "").strip(), unit)


def _value(path: Path, line: int, column: str | None, text: str, unit: Unit | None) -> VendorValue:
    try:
        return vendor_value(text, unit)
    except ValueError as error:
        raise SourceError(
            f"'{text}' is not a number", path=path, line=line, field=column,
            hint="write 82.4, 82.4 %, 1:23 or yes",
        ) from error  # fmt: skip


def unit(text: str | None) -> Unit | None:
    """Read ``--unit``.

    Raises:
        ConfigError: It is none of them.
    """
    try:
        return Unit(text) if text else None
    except ValueError as error:
        raise ConfigError(f"unknown unit '{text}'", hint=did_you_mean(str(text), list(Unit))) from error
