"""Recorded costs by local day: each amount spread evenly over the days of its period."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.store.sql import sql_text
from staffcast_pipelines.build_inputs import store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import duckdb

__all__ = ["cost_days", "write_cost_days"]

_CHAT = frozenset({"chat", "live_chat", "livechat", "live chat", "messaging"})
_STAFF = frozenset({"staff", "agents", "labour", "labor", "wages", "salaries", "payroll"})
_MICROS = 1_000_000

_SCHEMA = {
    "cost_key": pl.String,
    "cost_kind": pl.String,
    "cost_item": pl.String,
    "local_date": pl.String,
    "amount_micros": pl.Int64,
    "unit_price_micros": pl.Int64,
    "is_billing_recorded": pl.Boolean,
}


def write_cost_days(con: duckdb.DuckDBPyConnection) -> None:
    """Write ``cost_day``: a row a recorded cost and local day on which it is borne, up to ``as_of``."""
    first, last = con.sql(sql_text(__package__, "calendar_dates")).fetchall()[0]
    channels = {name for (name,) in con.sql(sql_text(__package__, "chat_channels")).fetchall()}
    costs = con.sql(sql_text(__package__, "costs")).pl().iter_rows(named=True)
    rows = cost_days(costs, channels, date.fromisoformat(first), date.fromisoformat(last))
    store(con, "work.main.cost_day", pl.DataFrame(list(rows), schema=_SCHEMA, orient="row"))


def cost_days(
    costs: Iterable[Mapping[str, Any]], channels: Iterable[str], first: date, last: date
) -> Iterator[dict[str, Any]]:
    """Spread recorded costs over local days; the days' parts add up to the amount, to the last millionth.

    A period without an end lasts until the next of its kind begins, else for a calendar month. Rows without
    a readable period, or with neither amount nor unit price, are left out.

    Args:
        costs: Rows of the ``costs`` table with ``is_billing_recorded`` of their source.
        channels: Lower-case channels of conversations, beside those that mean chat anyway.
        first: First local day asked for.
        last: Last local day asked for.

    Yields:
        A row a day: ``cost_key``, ``cost_kind`` (bot, staff, other: of chat, elsewhere: another channel),
        ``cost_item``, ``local_date``, ``amount_micros``, ``unit_price_micros``, ``is_billing_recorded``.

    Example:
        >>> row = {"source": "s", "source_account": "a", "channel": "chat", "kind": "licences", "amount": 0.1,
        ...        "unit_price": None, "period_start": "2026-11-01", "period_end": "2026-11-04",
        ...        "is_billing_recorded": False}
        >>> found = cost_days([row], [], date(2026, 11, 2), date(2026, 11, 30))
        >>> [(day["local_date"], day["amount_micros"]) for day in found]
        [('2026-11-02', 33333), ('2026-11-03', 33334)]
    """
    chat = _CHAT | set(channels)
    ordered = sorted(costs, key=lambda row: (_key(row), str(row["period_start"])))
    for key, group in groupby(ordered, key=_key):
        rows = [(row, start) for row in group if (start := _day(row["period_start"])) is not None]
        starts = [start for _, start in rows]
        for row, start in rows:
            end = _day(row["period_end"]) or min(
                (s for s in starts if s > start), default=_month_later(start)
            )
            if row["amount"] is None and row["unit_price"] is None:
                continue
            shared = {
                "cost_key": f"{key}/{start.isoformat()}",
                "cost_kind": _kind(row, chat),
                "cost_item": row["kind"],
                "unit_price_micros": _micros(row["unit_price"]),
                "is_billing_recorded": row["is_billing_recorded"],
            }
            for day, amount in _spread(_micros(row["amount"]), start, end, first, last):
                yield shared | {"local_date": day.isoformat(), "amount_micros": amount}


def _key(row: Mapping[str, Any]) -> str:
    return "/".join([row["source"], row["source_account"], row["channel"], row["kind"] or ""])


def _kind(row: Mapping[str, Any], chat: set[str] | frozenset[str]) -> str:
    channel, kind = row["channel"].strip().lower(), (row["kind"] or "").strip().lower()
    if channel == "bot":
        return "bot"
    if channel not in chat:
        return "elsewhere"
    return "staff" if kind in _STAFF else "other"


def _spread(
    amount: int | None, start: date, end: date, first: date, last: date
) -> Iterator[tuple[date, int | None]]:
    n_days = (end - start).days
    for number in range(max((first - start).days, 0), min((last - start).days + 1, n_days)):
        part = None if amount is None else amount * (number + 1) // n_days - amount * number // n_days
        yield start + timedelta(days=number), part


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _month_later(start: date) -> date:
    following = start.replace(day=1) + timedelta(days=32)
    last_of_month = (following.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return following.replace(day=min(start.day, last_of_month.day))


def _micros(amount: float | None) -> int | None:
    return None if amount is None else round(amount * _MICROS)
