"""Outages and outliers of a history: found, listed, and left out of the fit unless the user keeps them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.forecasting.profile import DayShape
from staffcast.forecasting.silence import silent_runs

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from numpy.typing import NDArray

    from staffcast.forecasting.calendar import Calendar
    from staffcast.forecasting.series import FloatArray, Series

__all__ = ["Flag", "clean", "silent_end"]

_SCALES = 5.0
_LEAST_FACTOR = 1.5
_SHIFT_DAYS = 4
_DEAD_MEAN = 15.0


@dataclass(frozen=True)
class Flag:
    """A day, one interval of it, or days in a row without a contact, that nothing known explains.

    Attributes:
        day: local date; of several days the first, which stands for all.
        minute: of the local day for a single interval, None for the whole day.
        contacts: what came.
        usual: what comes on such days, by the median.
        last: local date of the last of several days.
    """

    day: date
    minute: int | None
    contacts: float
    usual: float
    last: date | None = None

    @property
    def reason(self) -> str:
        """In words."""
        if self.last is not None:
            usual = f"{self.usual:.0f} a day are usual"
            return f"{self.day} to {self.last}: no contact where {usual} (outage or closure)"
        when = "" if self.minute is None else f" at {self.minute // 60:02}:{self.minute % 60:02}"
        what = "peak" if self.contacts > self.usual else "outage or closure"
        return f"{self.day}{when}: {self.contacts:.0f} contacts where {self.usual:.0f} are usual ({what})"


def clean(
    series: Series, calendar: Calendar, *, keep: Collection[date] = ()
) -> tuple[Series, tuple[Flag, ...]]:
    """Leave out what is far from usual, and say what that was.

    A day is flagged when its level is five robust standard deviations and a factor of 1.5 away from the
    median of its weekday, unless the calendar knows it or several days in a row went the same way (a new
    level, no outlier). Several days without any contact are no level: they are flagged together.

    Args:
        series: the history.
        calendar: special days, which are never flagged.
        keep: flagged days that the user wants in the fit all the same.

    Returns:
        The history with flagged intervals unobserved, and the flags, also of kept days.
    """
    series, silences = _without_silence(series, calendar, keep)
    cleaned, flags = _without_odd(series, calendar, keep)
    return cleaned, tuple(sorted((*silences, *flags), key=lambda flag: (flag.day, flag.minute or 0)))


def silent_end(series: Series, calendar: Calendar, keep: Collection[date] = ()) -> Flag | None:
    """The flag of days without a contact that have not ended yet; None if there is none, or it is kept."""
    _, flags = _without_silence(series, calendar, keep)
    still = (flag for flag in flags if flag.last == series.dates[-1].item() and flag.day not in keep)
    return next(still, None)


def _without_silence(series: Series, calendar: Calendar, keep: Collection[date]) -> tuple[Series, list[Flag]]:
    """Days in a row without a contact, unless the calendar knows all but a few of them."""
    open_share = np.where(series.seen, series.days.open_share, 0.0)
    flags, rates = [], series.rates.copy()
    for run in silent_runs(series.counts, open_share):
        unknown = series.seen[run].any(axis=1) & ~_known_days(series, calendar)[run]
        if unknown.sum() < _SHIFT_DAYS:
            continue
        first, last = series.dates[run.start].item(), series.dates[run.stop - 1].item()
        others = series.totals[series.totals > 0]
        flags.append(Flag(first, None, 0.0, float(np.median(others)), last))
        if first not in keep:
            rates[run] = np.nan
    return (replace(series, rates=rates) if flags else series), flags


def _without_odd(
    series: Series, calendar: Calendar, keep: Collection[date]
) -> tuple[Series, tuple[Flag, ...]]:
    """Single days and intervals far from usual."""
    shares = _median_shares(series)
    if not np.any(shares):
        return series, ()
    levels, exposure = DayShape(shares).levels(series)
    usual = _usual_levels(series, levels, exposure)
    odd = _odd_days(levels, usual, exposure, _known_days(series, calendar))
    fitted = np.where(odd, usual, levels)[:, None] * DayShape(shares).of(series.days)
    expected = np.minimum(fitted, 3 * usual[:, None] * DayShape(shares).of(series.days))
    peak = series.counts > 5 * expected + 10 * np.sqrt(expected) + 10
    usually = usual[:, None] * DayShape(shares).of(series.days)
    dead = (series.counts == 0) & (usually > _DEAD_MEAN) & (series.totals > 0)[:, None]
    cells = series.seen & (peak | dead) & ~odd[:, None] & ~_known_days(series, calendar)[:, None]
    flags = _flags(series, odd, cells, usual[:, None] * DayShape(shares).of(series.days))
    kept = np.isin(series.dates, np.array(list(keep), dtype="datetime64[D]"))
    left_out = (odd[:, None] | cells) & ~kept[:, None]
    if not left_out.any() or left_out[series.seen].all():
        return series, flags
    return replace(series, rates=np.where(left_out, np.nan, series.rates)), flags


def _median_shares(series: Series) -> FloatArray:
    """Median rate of each weekday and interval; the mean of neighbours in time where most are zero."""
    rates = np.where(series.seen, series.rates, np.nan)
    shares = np.zeros((7, rates.shape[1]))
    pooled = np.where(series.seen, series.rates, 0.0).sum(axis=0) / np.maximum(series.seen.sum(axis=0), 1)
    for weekday in range(7):
        own = rates[series.days.weekdays == weekday]
        if len(own):
            filled = np.where(np.isnan(own), np.inf, own)
            ordered = np.sort(filled, axis=0)
            middle = np.maximum(np.isfinite(filled).sum(axis=0) - 1, 0) // 2
            median = ordered[middle, np.arange(rates.shape[1])]
            shares[weekday] = np.where(np.isfinite(median) & (median >= 5), median, np.minimum(pooled, 5.0))
    return shares


def _usual_levels(series: Series, levels: FloatArray, exposure: FloatArray) -> FloatArray:
    """Median level of each weekday."""
    usual = np.ones(len(series))
    for weekday in range(7):
        same = series.days.weekdays == weekday
        known = same & (exposure > 0)
        if known.any():
            usual[same] = np.median(levels[known])
    return usual


def _known_days(series: Series, calendar: Calendar) -> NDArray[np.bool_]:
    return np.asarray(calendar.effects(series.dates).columns.any(axis=1), dtype=np.bool_)


def _odd_days(
    levels: FloatArray, usual: FloatArray, exposure: FloatArray, known: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    noise = 0.5 / np.maximum(exposure * usual, 1e-9)
    ratio = np.log((levels + noise) / (usual + noise))
    scale = np.median(np.abs(ratio - np.median(ratio))) / 0.6745
    chance = 1 / np.sqrt(np.maximum(usual * exposure, 1.0))
    limit = np.maximum(_SCALES * np.maximum(scale, chance), np.log(_LEAST_FACTOR))
    sign = np.where((np.abs(ratio) > limit) & (exposure > 0), np.sign(ratio), 0.0)
    start = 0
    for stop in range(1, len(sign) + 1):
        if stop == len(sign) or sign[stop] != sign[start]:
            if stop - start >= _SHIFT_DAYS:
                sign[start:stop] = 0.0
            start = stop
    return np.asarray((sign != 0) & ~known)


def _flags(
    series: Series, odd: NDArray[np.bool_], cells: NDArray[np.bool_], usual: FloatArray
) -> tuple[Flag, ...]:
    found = []
    for row in np.flatnonzero(odd | cells.any(axis=1)):
        day: date = series.dates[row].item()
        if odd[row]:
            expected = float(usual[row][series.seen[row]].sum())
            found.append(Flag(day, None, float(series.totals[row]), expected))
            continue
        for column in np.flatnonzero(cells[row]):
            contacts = float(series.counts[row, column])
            found.append(Flag(day, int(column) * series.slot_min, contacts, float(usual[row, column])))
    return tuple(found)
