"""From codes and milliseconds to the cells of a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from staffcast_sample_data.layout import Ints

UTC_FORMAT = "%Y-%m-%dT%H:%M:%S%.3fZ"
OFFSET_FORMAT = "%Y-%m-%dT%H:%M:%S%.3f%:z"


def utc_text(at_ms: Ints) -> pl.Series:
    """ISO 8601 with Z; an instant below zero is empty."""
    instants = pl.Series(at_ms).cast(pl.Datetime("ms"))
    return pl.select(pl.when(pl.Series(at_ms) >= 0).then(instants.dt.strftime(UTC_FORMAT))).to_series()


def offset_text(at_ms: Ints, timezone: str) -> pl.Series:
    """ISO 8601 with the zone's offset; an instant below zero is empty."""
    local = (
        pl.Series(at_ms).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC").dt.convert_time_zone(timezone)
    )
    return pl.select(pl.when(pl.Series(at_ms) >= 0).then(local.dt.strftime(OFFSET_FORMAT))).to_series()


def labels(codes: Ints, names: Sequence[str]) -> pl.Series:
    """Names of codes; codes below zero and empty names are empty cells."""
    table = pl.Series([name or None for name in names] + [None], dtype=pl.String)
    return table.gather(np.where(codes >= 0, codes, len(names)))


def numbered(prefix: str, numbers: Ints, width: int) -> pl.Series:
    """Ids such as `c000042`; numbers below zero are empty cells."""
    series = pl.Series(numbers)
    text = prefix + series.cast(pl.String).str.zfill(width)
    return pl.select(pl.when(series >= 0).then(text)).to_series()


def optional(values: Ints) -> pl.Series:
    """Whole numbers; those below zero are empty cells."""
    series = pl.Series(values)
    return pl.select(pl.when(series >= 0).then(series)).to_series()
