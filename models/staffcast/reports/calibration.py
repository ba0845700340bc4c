"""What a plan has learnt from the past, in words: handle times and patience with their certainty."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from staffcast.reports.wording import DASH, format_value

if TYPE_CHECKING:
    from staffcast.planning import Calibration, Silence

__all__ = ["handle_table", "patience_table"]

_ORIGINS = {
    "measured": "this queue",
    "pooled": "all queues together",
    "extended": "extended from fewer chats",
}


def handle_table(calibration: Calibration) -> pl.DataFrame:
    """Handle time of each queue and number of chats held at once.

    Returns:
        Columns queue, chats at once, handle time, interval (95 %), chats, learnt from.
    """
    rows = [
        {
            "queue": row["queue"],
            "chats at once": row["level"],
            "handle time": format_value(row["handle_s"], "s"),
            "interval (95 %)": _interval(row["lower_s"], row["upper_s"]),
            "chats": row["n_closures"],
            "learnt from": _ORIGINS[row["origin"]],
        }
        for row in calibration.handle.sort("queue", "level").iter_rows(named=True)
    ]
    return pl.DataFrame(rows)


def patience_table(calibration: Calibration) -> pl.DataFrame:
    """Mean patience and wrap-up time of each queue.

    Returns:
        Columns queue, patience, interval (95 %), abandoned, found gone, by silence (if all or none of
        those who fell silent had left before the accept), learnt from, wrap-up.
    """
    rows = [
        {
            "queue": row["queue"],
            "patience": _duration(row["patience_s"]),
            "interval (95 %)": _interval(row["lower_s"], row["upper_s"]),
            "abandoned": row["n_abandoned"],
            **_silence(calibration.silence.get(row["queue"])),
            "learnt from": _ORIGINS[row["origin"]],
            "wrap-up": _duration(calibration.wrapup_s.get(row["queue"])),
        }
        for row in calibration.patience.sort("queue").iter_rows(named=True)
    ]
    return pl.DataFrame(rows)


def _silence(silence: Silence | None) -> dict[str, object]:
    """Who was found gone at the accept, and patience if all or none of the silent had left before it."""
    bounds = _interval(silence.if_all_s, silence.if_none_s) if silence else DASH
    return {"found gone": silence.n_noted if silence else 0, "by silence": bounds}


def _interval(low: float, high: float) -> str:
    if math.isinf(high) and not low:
        return DASH
    return f"{_duration(low)} to {_duration(high)}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return DASH
    return "without end" if math.isinf(seconds) else format_value(seconds, "s")
