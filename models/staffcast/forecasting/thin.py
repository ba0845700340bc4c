"""Queues too thin or too new for a model of their own: the days of others at their own level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from staffcast.forecasting.cleaning import clean
from staffcast.forecasting.series import Days, Series
from staffcast.forecasting.two_level import TwoLevel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from staffcast.forecasting.calendar import Calendar
    from staffcast.forecasting.series import FloatArray

__all__ = ["borrowed", "is_thin", "launch_curve", "launched", "shared_mean", "summed"]

_THIN_PER_WEEK = 20.0
_PRIOR_CONTACTS = 20.0
_NEW_QUEUE_PRIOR = 0.5
_LAUNCH_WEEKS = 12
_LEAST_FOUND = 0.7
"""Share of the past contacts that a fit must account for."""
_CURVE_PRIOR = 50.0
"""Contacts of evidence that stand behind a week as busy as those after the launch."""


def is_thin(series: Series) -> bool:
    """Fewer than 20 contacts a week."""
    return float(series.totals.sum()) / max(series.n_weeks, 1.0) < _THIN_PER_WEEK


def summed(parts: Sequence[Series]) -> Series:
    """All contacts of some queues on the days that any was open."""
    dates = np.unique(np.concatenate([part.dates for part in parts]))
    shape = (len(dates), parts[0].rates.shape[1])
    counts, share, seen = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    for part in parts:
        rows = np.searchsorted(dates, part.dates)
        counts[rows] += part.counts
        share[rows] = np.maximum(share[rows], part.days.open_share)
        seen[rows] |= part.seen
    rates = np.divide(counts, share, out=np.full(shape, np.nan), where=seen & (share > 0))
    return Series(Days(dates, share), rates, parts[0].slot_min)


def shared_mean(series: Series, group: Sequence[Series], days: Days, calendar: Calendar) -> FloatArray:
    """Expected contacts of a thin queue: the group's forecast by its share.

    The share is the posterior mean under a Dirichlet prior that is worth 20 contacts and equal for all.

    Args:
        series: the thin queue, one of the group.
        group: histories of all thin queues.
        days: to forecast.
        calendar: special days.
    """
    start = series.dates[0]
    together = summed(group)
    total = float(together.totals[together.dates >= start].sum())
    prior = _PRIOR_CONTACTS / len(group)
    share = (float(series.totals.sum()) + prior) / (total + _PRIOR_CONTACTS)
    return _two_level(together, days, calendar) * share


def borrowed(series: Series | None, donors: Sequence[Series], days: Days, calendar: Calendar) -> FloatArray:
    """Expected contacts of a new queue: the donors' days at the level of what has come so far.

    The level is the posterior mean of a gamma-Poisson model whose prior is worth 20 contacts of the donors'
    mean level; half a contact for a queue that was never seen to get any.

    Args:
        series: what the new queue has had, if anything.
        donors: histories of queues whose days look alike.
        days: to forecast.
        calendar: special days.
    """
    together = summed(donors)
    expected = _two_level(together, days, calendar) / len(donors)
    if series is None:
        return expected * min(1.0, _NEW_QUEUE_PRIOR / max(float(expected.sum()), 1e-9))
    past = _two_level(together, series.days, calendar) / len(donors)
    exposure = float(past[series.seen].sum())
    level = (float(series.totals.sum()) + _PRIOR_CONTACTS) / (exposure + _PRIOR_CONTACTS)
    return expected * level


def launch_curve(sibling: Series) -> FloatArray:
    """Contacts of each week since a queue's first contact, over those of a week after the launch.

    Args:
        sibling: history of a queue, from its first contact on where the data hold that.

    Returns:
        One factor a week, of the first 12 weeks at most; means of three weeks, shrunk to 1 by 50 contacts.
        What comes after them counts as after the launch; of a shorter history, its last four weeks do.

    Example:
        >>> dates = np.datetime64("2026-01-05") + np.arange(140)
        >>> level = np.minimum(1.0, (np.arange(140) // 7 + 1) / 8)
        >>> curve = launch_curve(Series(Days(dates, np.ones((140, 1))), 1000 * level[:, None], 1440))
        >>> curve.round(2).tolist()[:4]
        [0.19, 0.25, 0.38, 0.5]
    """
    first = int(np.argmax(sibling.totals > 0))
    weeks = (sibling.dates[first:] - sibling.dates[first]).astype(int) // 7
    share = sibling.days.open_share[first:].sum(axis=1)
    came = np.bincount(weeks, sibling.totals[first:])
    opened = np.bincount(weeks, share)
    after = slice(min(_LAUNCH_WEEKS, max(len(came) - 4, 0)), None)
    usual = came[after].sum() / max(opened[after].sum(), 1e-9)
    expected = usual * opened
    n_weeks = min(_LAUNCH_WEEKS, len(came))
    windows = [slice(max(0, week - 1), week + 2) for week in range(n_weeks)]
    return np.array(
        [(came[window].sum() + _CURVE_PRIOR) / (expected[window].sum() + _CURVE_PRIOR) for window in windows]
    )


def launched(series: Series | None, sibling: Series, days: Days, calendar: Calendar) -> FloatArray:
    """Expected contacts of a new queue that starts as a sibling did.

    The sibling's days, at the point of its launch curve that the new queue has reached, at the new queue's
    own level: the posterior mean of a gamma-Poisson model whose prior is worth 20 contacts of the sibling.

    Args:
        series: what the new queue has had, if anything.
        sibling: history of the queue that it is like.
        days: to forecast.
        calendar: special days.
    """
    curve = launch_curve(sibling)
    cleaned, _ = clean(sibling, calendar)
    fitted = TwoLevel(calendar=calendar).fit(cleaned)
    birth = days.dates[0] if series is None else series.dates[int(np.argmax(series.totals > 0))]

    def expected(at: Days) -> FloatArray:
        week = np.clip((at.dates - birth).astype(int) // 7, 0, None)
        factor = np.where(week < len(curve), curve[np.minimum(week, len(curve) - 1)], 1.0)
        return np.asarray(fitted.mean(at) * factor[:, None])

    if series is None:
        return expected(days)
    exposure = float(expected(series.days)[series.seen].sum())
    level = (float(series.totals.sum()) + _PRIOR_CONTACTS) / (exposure + _PRIOR_CONTACTS)
    return expected(days) * level


def _two_level(series: Series, days: Days, calendar: Calendar) -> FloatArray:
    """Level times shape; the mean level where a robust one takes the few contacts for outliers."""
    cleaned, _ = clean(series, calendar)
    fitted = TwoLevel(calendar=calendar).fit(cleaned)
    total = float(cleaned.totals.sum())
    if float(fitted.mean(cleaned.days)[cleaned.seen].sum()) >= _LEAST_FOUND * total:
        return fitted.mean(days)
    exposure = float(fitted.shape.of(cleaned.days)[cleaned.seen].sum())
    return np.asarray(fitted.shape.of(days) * total / exposure)
