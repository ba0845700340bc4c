"""Times in exports, read as UTC microseconds; the machine's own zone never plays a part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from staffcast.core.units import US_PER_MINUTE, US_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Times", "read_times"]

_ISO = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?::([0-5][0-9])(?:[.,]([0-9]{1,9}))?)?\s?"
    r"(?:(Z|z|UTC)|([+-])(0[0-9]|1[0-4]):?([0-5][0-9])?)?$"
)
_NUMBER = r"^-?[0-9]+(?:\.[0-9]*)?$"
_SHORTENED = r"^-?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+$"
_SLASHED = r"^[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}\b"
_EPOCH_UNITS: Mapping[str, tuple[int, int]] = {
    "epoch_s": (US_PER_S, 1),
    "epoch_ms": (1000, 1),
    "epoch_us": (1, 1),
    "epoch_ns": (1, 1000),
}
_EARLIEST_US = 631_152_000 * US_PER_S
"""1990-01-01."""
_LATEST_US = 4_102_444_800 * US_PER_S
"""2100-01-01."""


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times.

    Attributes:
        us: UTC microseconds since 1970, null where there is none or it cannot be read.
        is_naive: The time was read but has no zone, and none was declared.
        is_ambiguous: The local time comes twice, since clocks went back; the first was taken.
        reasons: Why a non-empty cell gave nothing, else null.
    """

    us: pl.Series
    is_naive: pl.Series
    is_ambiguous: pl.Series
    reasons: pl.Series


def read_times(cells: pl.Series, *, format: str = "iso", timezone: str | None = None) -> Times:  # noqa: A002 - its name in a mapping
    """Read a column of times.

    A local time that occurs twice when clocks go back is taken as the first and marked; one that does not
    exist when they go forward is refused. Units and formats are never guessed: a number is no ISO time, and
    neither is a date that could be day or month first.

    Args:
        cells: Texts, null where empty.
        format: ``iso``, ``epoch_s|ms|us|ns`` or a strptime format.
        timezone: Zone of times that carry no offset.

    Example:
        >>> read_times(pl.Series(["2026-03-29T12:00:00+02:00"])).us.to_list()
        [1774778400000000]
    """
    frame = pl.DataFrame({"cell": cells.cast(pl.String)}).with_columns(pl.col("cell").str.strip_chars())
    if format == "iso":
        parsed = _iso(frame)
    elif format in _EPOCH_UNITS:
        parsed = frame.select(_epoch(format).alias("us"), pl.lit(value=False).alias("is_local"))
    else:
        parsed = _formatted(frame, format)
    return _checked(frame.hstack(parsed), timezone, _fault(format))


def _fault(format: str) -> pl.Expr:  # noqa: A002 - as above
    """Why a cell is no time in this format."""
    cell = pl.col("cell")
    if format in _EPOCH_UNITS:
        lost = cell.str.contains(_SHORTENED)
        return (
            pl.when(lost).then(pl.lit("a number that lost its last digits")).otherwise(pl.lit("not a time"))
        )
    if format != "iso":
        return pl.lit("not a time")
    return (
        pl.when(cell.str.contains(_NUMBER))
        .then(pl.lit("a number, not a time: declare its unit in a mapping, such as epoch_ms"))
        .when(cell.str.contains(_SLASHED))
        .then(pl.lit("day or month may come first: declare the format in a mapping"))
        .otherwise(pl.lit("not a time"))
    )


def _iso(frame: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("cell").str.extract_groups(_ISO).struct
    frame = frame.select(
        *(
            parts.field(str(index)).alias(name)
            for index, name in enumerate(
                ("date", "clock", "second", "fraction", "utc", "sign", "hours", "minutes"), 1
            )
        )
    )
    whole = pl.format("{}T{}:{}", "date", "clock", pl.col("second").fill_null("00"))
    fraction = pl.col("fraction").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64).fill_null(0)
    minutes = pl.col("hours").cast(pl.Int64) * 60 + pl.col("minutes").cast(pl.Int64).fill_null(0)
    offset = (pl.when(pl.col("sign") == "-").then(-minutes).otherwise(minutes) * US_PER_MINUTE).fill_null(0)
    moment = whole.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us").cast(pl.Int64)
    return frame.select(
        (moment + fraction - offset).alias("us"),
        (pl.col("utc").is_null() & pl.col("sign").is_null()).alias("is_local"),
    )


def _epoch(unit: str) -> pl.Expr:
    factor, divisor = _EPOCH_UNITS[unit]
    cell = pl.col("cell")
    cell = pl.when(cell.str.contains(_NUMBER)).then(cell)
    whole = cell.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
    decimal = cell.cast(pl.Float64, strict=False)
    # Out of range is told apart below; here it must only not overflow.
    in_range = decimal.is_finite() & (decimal.abs() < 1e13 * US_PER_S * divisor / factor)
    exact = (whole * factor).floordiv(divisor)
    rounded = (decimal * factor / divisor).round().cast(pl.Int64, strict=False)
    return pl.when(in_range).then(pl.coalesce(exact, rounded)).when(decimal.is_finite()).then(_LATEST_US)


def _formatted(frame: pl.DataFrame, format: str) -> pl.DataFrame:  # noqa: A002 - as above
    has_zone = "%z" in format or "%:z" in format or "%#z" in format
    parsed = pl.col("cell").str.to_datetime(format, strict=False, time_unit="us")
    return frame.select(parsed.cast(pl.Int64).alias("us"), pl.lit(value=not has_zone).alias("is_local"))


def _checked(frame: pl.DataFrame, timezone: str | None, fault: pl.Expr) -> Times:
    is_cell = pl.col("cell").is_not_null() & (pl.col("cell") != "")
    is_local = pl.col("is_local") & pl.col("us").is_not_null()
    frame = frame.with_columns(is_local=is_local, utc=pl.col("us"), is_twice=pl.lit(value=False))
    naive = pl.col("is_local") if timezone is None else pl.lit(value=False)
    if timezone is not None and frame["is_local"].any():
        first, second = _local("earliest", timezone), _local("latest", timezone)
        frame = frame.with_columns(
            utc=pl.when("is_local").then(first).otherwise("us"),
            is_twice=pl.col("is_local") & (first != second).fill_null(value=False),
        )
    in_range = pl.col("utc").is_between(_EARLIEST_US, _LATEST_US, closed="left")
    reason = (
        pl.when(~is_cell)
        .then(None)
        .when(pl.col("us").is_null())
        .then(fault)
        .when(naive)
        .then(pl.lit("a time without a zone"))
        .when(pl.col("utc").is_null())
        .then(pl.lit(f"does not exist in {timezone}: clocks went forward"))
        .when(~in_range)
        .then(pl.lit("a time before 1990 or after 2099"))
    )
    result = frame.select(
        pl.when(in_range & ~naive).then("utc").alias("us"),
        naive.alias("is_naive"),
        (pl.col("is_twice") & in_range).alias("is_ambiguous"),
        reason.alias("reason"),
    )
    return Times(result["us"], result["is_naive"], result["is_ambiguous"], result["reason"])


def _local(ambiguous: Literal["earliest", "latest"], timezone: str) -> pl.Expr:
    local = pl.col("us").cast(pl.Datetime("us"))
    zoned = local.dt.replace_time_zone(timezone, ambiguous=ambiguous, non_existent="null")
    return zoned.dt.convert_time_zone("UTC").cast(pl.Int64)
