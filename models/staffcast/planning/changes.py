"""Changes of a forecast between two local times, as overrides and scenarios bring them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import ConfigError
from staffcast.forecasting import Factor, with_factors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from staffcast.forecasting import VolumeForecast

__all__ = ["Change", "changed", "is_within", "span_of"]

_CONTACTS = ("expected", "lower", "upper")
_TAILS = (0.1, 0.9)


@dataclass(frozen=True)
class Change:
    """A factor on the contacts of some intervals.

    Attributes:
        name: what it is.
        queue: whose contacts; None for all queues.
        first: local time, as ``2026-11-20T14:00``.
        end: the local time after the last.
        factor: such as 1.2; None where ``contacts`` is given.
        contacts: in the whole time, spread as the forecast is.
        sd: how uncertain the factor is, as a standard deviation of it.
    """

    name: str
    queue: str | None
    first: str
    end: str
    factor: float | None = None
    contacts: float | None = None
    sd: float = 0.0

    @property
    def words(self) -> str:
        """For people.

        Example:
            >>> Change("sale", None, "2026-11-20T00:00", "2026-11-21T00:00", 1.2, sd=0.1).words
            'sale (all queues, 2026-11-20T00:00 to 2026-11-21T00:00: x 1.2 +- 0.1)'
        """
        spread = f" +- {self.sd:g}" if self.sd else ""
        what = f"{self.contacts:g} contacts" if self.factor is None else f"x {self.factor:g}{spread}"
        return f"{self.name} ({self.queue or 'all queues'}, {self.first} to {self.end}: {what})"


def span_of(first: str, last: str) -> tuple[str, str]:
    """Local times that something runs from and up to.

    Args:
        first: a date, or a date and time.
        last: a date, which is included, or a date and time, which is not.

    Raises:
        ConfigError: one is neither.

    Example:
        >>> span_of("2026-11-20", "2026-11-20")
        ('2026-11-20T00:00', '2026-11-21T00:00')
        >>> span_of("2026-11-20 14:00", "2026-11-20 18:00")
        ('2026-11-20T14:00', '2026-11-20T18:00')
    """
    begin, _ = _moment(first)
    end, is_day = _moment(last)
    return begin, (
        (datetime.fromisoformat(end) + timedelta(days=1)).isoformat(timespec="minutes") if is_day else end
    )


def is_within(first: str, end: str) -> pl.Expr:
    """Whether an interval of ``local_date`` and ``local_minute`` begins between two local times."""
    minute = pl.col("local_minute")
    hour, rest = (part.cast(pl.String).str.zfill(2) for part in (minute // 60, minute % 60))
    return pl.format("{}T{}:{}", "local_date", hour, rest).is_between(
        pl.lit(first), pl.lit(end), closed="left"
    )


def changed(forecast: VolumeForecast, changes: Sequence[Change], *, seed: int = 1) -> VolumeForecast:
    """The forecast with every change, one after the other.

    Expected contacts are multiplied. Paths are thinned or added to at random, so that counts stay whole and
    keep their scatter; an uncertain factor is drawn for each path, and the bounds are then quantiles of the
    paths.

    Args:
        forecast: as it is without them.
        changes: of which some may lie outside of its intervals.
        seed: of the random numbers.
    """
    for number, change in enumerate(changes):
        forecast = _one(forecast, change, [seed, number])
    return forecast


def _one(forecast: VolumeForecast, change: Change, seed: list[int]) -> VolumeForecast:
    is_in = is_within(change.first, change.end)
    if change.queue is not None:
        is_in &= pl.col("queue") == change.queue
    inside = forecast.frame.filter(is_in)
    expected = float(inside["expected"].sum())
    if change.factor is None and not expected > 0:
        return forecast  # contacts cannot be spread over nothing
    factor = (change.contacts or 0.0) / expected if change.factor is None else change.factor
    scaled = [pl.when(is_in).then(pl.col(name) * factor).otherwise(name).alias(name) for name in _CONTACTS]
    frame, paths = forecast.frame.with_columns(scaled), dict(forecast.paths)
    for place, queue in enumerate(sorted(set(paths) & set(inside["queue"]))):
        is_own = pl.col("queue") == queue
        at = inside.filter(is_own)["interval_at_us"].to_list()
        instants = frame.filter(is_own)["interval_at_us"].to_numpy()
        rng = np.random.default_rng([*seed, place])
        now = Factor(change.name, min(at), max(at) + 1, factor, change.sd)
        paths[queue] = with_factors(paths[queue], instants, [now], rng)
        if change.sd:
            frame = _with_bounds(frame, is_own & is_in, paths[queue][:, np.isin(instants, at)])
    return replace(forecast, frame=frame, paths=paths)


def _with_bounds(frame: pl.DataFrame, is_in: pl.Expr, paths: np.ndarray) -> pl.DataFrame:
    bounds = np.quantile(paths, _TAILS, axis=0, method="inverted_cdf")
    rows = frame.with_row_index("row").filter(is_in)["row"].to_numpy()
    for name, values in zip(("lower", "upper"), bounds, strict=True):
        column = frame[name].to_numpy().copy()
        column[rows] = values
        frame = frame.with_columns(pl.Series(name, column))
    return frame


def _moment(text: str) -> tuple[str, bool]:
    """A local time, and whether it is a whole day."""
    day, _, clock = text.strip().replace("T", " ").partition(" ")
    try:
        at = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock or "00:00"))
    except ValueError as error:
        raise ConfigError(
            f"'{text}' is no local date or time", hint="write 2026-11-20 or '2026-11-20 14:00'"
        ) from error
    return at.isoformat(timespec="minutes"), not clock
