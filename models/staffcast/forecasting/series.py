"""The history of one queue as a matrix: a row for each open day, a column for each local time of day.

Models see rates per fully open interval and the share of each interval that is open, so half-open slots,
days of 23 and 25 hours and closed hours need no special case later.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from staffcast.core.errors import ForecastError
from staffcast.forecasting.silence import silent_runs

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MINUTES_PER_DAY", "Days", "FloatArray", "Series", "day_grid", "series_of", "slot_length_min"]

FloatArray: TypeAlias = NDArray[np.float64]
MINUTES_PER_DAY = 1440
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0


@dataclass(frozen=True)
class Days:
    """Local days and when they are open.

    Attributes:
        dates: ``datetime64[D]``, ascending, shape (days,).
        open_share: share of each interval that is open, 0 to 1, shape (days, slots).
        drivers: known values of business drivers, shape (days, drivers).
        driver_sds: how uncertain they are, of the same shape; empty where they are certain.
    """

    dates: NDArray[np.datetime64]
    open_share: FloatArray
    drivers: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    driver_sds: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """Monday 0 to Sunday 6."""
        return np.asarray((self.dates.astype(np.int64) + _EPOCH_WEEKDAY) % 7, dtype=np.int64)

    @property
    def driver_rows(self) -> FloatArray:
        """The drivers with one row a day, also where there are none."""
        return self.drivers if len(self.drivers) else np.zeros((len(self.dates), 0))

    def __len__(self) -> int:
        return len(self.dates)


@dataclass(frozen=True)
class Series:
    """Counts of one queue on its open days.

    Attributes:
        days: the days and their open shares.
        rates: contacts per fully open interval, NaN where nothing was observed, shape (days, slots).
        slot_min: minutes of an interval.
        notes: what was assumed when the history was read.

    Example:
        >>> days = Days(np.array(["2026-11-02"], "datetime64[D]"), np.ones((1, 2)))
        >>> Series(days, np.array([[4.0, 6.0]]), 720).totals
        array([10.])
    """

    days: Days
    rates: FloatArray
    slot_min: int
    notes: tuple[str, ...] = ()

    @property
    def dates(self) -> NDArray[np.datetime64]:
        """Local dates of the rows."""
        return self.days.dates

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Intervals that were open and observed."""
        return np.isfinite(self.rates) & (self.days.open_share > 0)

    @property
    def counts(self) -> FloatArray:
        """Contacts in each interval; 0 where closed or unobserved."""
        return np.where(self.seen, self.rates * self.days.open_share, 0.0)

    @property
    def totals(self) -> FloatArray:
        """Contacts of each day."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def n_weeks(self) -> float:
        """Weeks from the first day to the last."""
        if not len(self):
            return 0.0
        return float((self.dates[-1] - self.dates[0]).astype(int) + 1) / 7

    def __len__(self) -> int:
        return len(self.days)

    def between(self, start: int, stop: int) -> Series:
        """The days ``start`` .. ``stop`` (excluded)."""
        return Series(self.days_between(start, stop), self.rates[start:stop], self.slot_min, self.notes)

    def days_between(self, start: int, stop: int) -> Days:
        """The days without their counts."""
        whole = self.days
        return Days(whole.dates[start:stop], whole.open_share[start:stop], whole.driver_rows[start:stop])


def series_of(cells: pl.DataFrame, *, slot_min: int | None = None) -> Series:
    """Turn the cells of one queue into its day matrix.

    Args:
        cells: ``local_date`` (ISO text), ``local_minute`` (of the local day), ``open_us`` and ``n_offered``,
            one row per interval. A repeated local time (a day of 25 hours) is averaged, a missing one stays
            unobserved. Days before the first contact are left out when that is too long for chance.
        slot_min: minutes of an interval; found from the times by default.

    Raises:
        ForecastError: there is no open interval, a count is negative or not a number, or nothing ever came.

    Example:
        >>> import polars as pl
        >>> cells = pl.DataFrame({"local_date": ["2026-11-02"] * 2, "local_minute": [540, 570],
        ...     "open_us": 1_800_000_000, "n_offered": [3, 5]})
        >>> series_of(cells).totals
        array([8.])
    """
    cells = cells.filter(cells["open_us"] > 0)
    if cells.is_empty():
        raise ForecastError("no open hours in the history", hint="load at least two weeks of contacts")
    counts = cells["n_offered"].cast(float).to_numpy()
    wrong = np.flatnonzero((counts < 0) | np.isinf(counts))
    if len(wrong):
        row = cells.row(int(wrong[0]), named=True)
        raise ForecastError(
            f"{row['local_date']}: {row['n_offered']} contacts in an interval is no count",
            hint="counts are 0 or more; leave unknown intervals empty",
        )
    if not np.nansum(counts) > 0:
        raise ForecastError(
            f"no contact in {cells['local_date'].n_unique()} open days",
            hint="is it the right queue and period?",
        )
    length_min = slot_min or slot_length_min(cells)
    days, rows, columns = day_grid(cells, length_min)
    shape = days.open_share.shape
    share = cells["open_us"].to_numpy() / (length_min * 60e6)
    known = np.isfinite(counts)
    total, open_sum = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (rows[known], columns[known]), counts[known])
    np.add.at(open_sum, (rows[known], columns[known]), share[known])
    rates = np.divide(total, open_sum, out=np.full(shape, np.nan), where=open_sum > 0)
    return _since_opening(Series(days, rates, length_min))


def _since_opening(series: Series) -> Series:
    """Without the days on which the queue was not open yet."""
    runs = silent_runs(series.counts, np.where(series.seen, series.days.open_share, 0.0))
    if not runs or runs[0].start > 0:
        return series
    first = runs[0].stop
    note = f"no contact before {series.dates[first]}: taken as not open yet"
    return replace(series.between(first, len(series)), notes=(*series.notes, note))


def day_grid(cells: pl.DataFrame, slot_min: int) -> tuple[Days, NDArray[np.int64], NDArray[np.int64]]:
    """The days of some cells, and the row and column of each cell.

    Raises:
        ForecastError: a time is not a multiple of the interval, or one is open for longer.
    """
    dates = cells["local_date"].str.to_date().to_numpy().astype("datetime64[D]")
    minutes, open_min = cells["local_minute"].to_numpy(), cells["open_us"].to_numpy() / 60e6
    for wrong, words in (
        (minutes % slot_min > 0, f"is no multiple of {slot_min} minutes"),
        (open_min > slot_min, f"is longer than {slot_min} minutes"),
    ):
        if np.any(wrong):
            at = int(np.flatnonzero(wrong)[0])
            raise ForecastError(
                f"{dates[at]}: the interval of {minutes[at] // 60:02}:{minutes[at] % 60:02} {words}",
                hint="give all intervals the same length",
            )
    distinct, rows = np.unique(dates, return_inverse=True)
    columns = (minutes // slot_min).astype(np.int64)
    shape = (len(distinct), MINUTES_PER_DAY // slot_min)
    share, n_cells = np.zeros(shape), np.zeros(shape)
    np.add.at(share, (rows, columns), cells["open_us"].to_numpy() / (slot_min * 60e6))
    np.add.at(n_cells, (rows, columns), 1.0)
    open_share = np.clip(share / np.maximum(n_cells, 1), 0.0, 1.0)
    return Days(distinct, open_share), rows.astype(np.int64), columns


def slot_length_min(cells: pl.DataFrame) -> int:
    """Minutes of an interval: what divides the day and every time, but little longer than any is open."""
    minutes = cells["local_minute"].unique().to_numpy()
    longest_min = int(-(-cells["open_us"].to_numpy().max() // 60_000_000))
    common = int(np.gcd.reduce(np.append(minutes, MINUTES_PER_DAY)))
    return common if common <= 2 * longest_min else longest_min
