"""The bot's bill against what became of the conversations: how much of it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.enums import NullReason
from staffcast.core.errors import MetricError
from staffcast.core.units import MONEY, US_PER_DAY
from staffcast.metrics import metric as find
from staffcast.metrics import options_from_settings, query
from staffcast.reports.closing import options_of
from staffcast.reports.periods import data_range, reporting_period
from staffcast.reports.wording import DASH, REASONS, format_interval, format_value
from staffcast.statistics import wilson
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast.core.config import Settings
    from staffcast.reports.named_periods import Days
    from staffcast.reports.periods import DataRange
    from staffcast.store.generations import Reader

__all__ = [
    "AUDIT_SCHEMA", "BILLED_SCHEMA", "BotAudit", "audit_note", "audit_table", "billed_table", "bot_audit",
]  # fmt: skip

AUDIT_SCHEMA = pl.Schema(
    {
        "metric": pl.String,
        "label": pl.String,
        "unit": pl.String,
        "value": pl.Float64,
        "of_billed": pl.Float64,
        "ci_low": pl.Float64,
        "ci_high": pl.Float64,
        "n_censored": pl.Int64,
        "convention": pl.String,
        "definition_hash": pl.String,
        "null_reason": pl.String,
    }
)
"""Counts with their share of the billed and its interval, then money, without.

``n_censored`` are too recent to be verified or to have come back: they are left out of that share.
"""

BILLED_SCHEMA = pl.Schema(
    {
        "conversation_id": pl.String,
        "start_date": pl.String,
        "verdict": pl.String,
        "reasons": pl.String,
        "came_back_days": pl.Float64,
        "queue": pl.String,
        "topic": pl.String,
        "language": pl.String,
    }
)
"""A row for each billed conversation: verified, disputed (with the reasons), unverifiable or too recent."""

COUNTS = (
    "bot_billed", "bot_billed_contained", "bot_billed_answered", "bot_billed_confirmed",
    "bot_billed_verified", "bot_billed_came_back", "bot_billed_unverifiable",
)  # fmt: skip
COSTS = ("bot_cost", "cost_per_verified_resolution")


@dataclass(frozen=True)
class BotAudit:
    """How much of the bot's bill holds.

    Attributes:
        rows: A frame of ``AUDIT_SCHEMA``.
        billed: A frame of ``BILLED_SCHEMA``.
        window_days: Days without a repeat that verify a resolution.
        currency: Of the costs, else ``money``.
        period: First day and the day after the last, of the starts.
        covered: What the data cover.
    """

    rows: pl.DataFrame
    billed: pl.DataFrame
    window_days: float
    currency: str
    period: Days
    covered: DataRange

    @property
    def n_disputed(self) -> int:
        """Billed conversations that did not hold."""
        return self.billed.filter(pl.col("verdict") == "disputed").height

    @property
    def price(self) -> float | None:
        """Cost of the bot for each billed conversation; None if the cost is unknown."""
        values = dict(self.rows.select("metric", "value").iter_rows())
        cost, n = values["bot_cost"], values["bot_billed"]
        return None if not cost or not n else cost / n


def bot_audit(
    reader: Reader,
    settings: Settings,
    *,
    from_date: str | None = None,
    to_date: str | None = None,
    options: Mapping[str, object] | None = None,
) -> BotAudit:
    """Set what the bot's vendor billed against what became of it.

    Args:
        reader: A published generation.
        settings: Defaults of the metrics' options.
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.
        options: Beats the settings.

    Raises:
        MetricError: Nothing was billed in the period, or an option is unknown.
        ConfigError: The period is malformed or empty.
    """
    covered = data_range(reader)
    period = reporting_period(covered, from_date=from_date, to_date=to_date)
    given = options_from_settings(settings, _for_each(options or {}))
    found = query(reader, [*COUNTS, *COSTS], period=period, options=given).to_dicts()
    n_billed = found[0]["numerator"]
    if not n_billed:
        raise MetricError(
            f"no conversation from {period[0]} on was billed", hint="is the column bot_billed in the export?"
        )
    window_days = float(options_of("bot_billed_verified", given)["window_days"])
    return BotAudit(
        rows=pl.DataFrame([_row(row, n_billed) for row in found], schema=AUDIT_SCHEMA),
        billed=_billed(reader, period, window_days),
        window_days=window_days,
        currency=reader.currency or MONEY,
        period=period,
        covered=covered,
    )


def audit_table(audit: BotAudit) -> pl.DataFrame:
    """The audit in words.

    Returns:
        Text columns step, value, of billed, interval (95 %), too recent.
    """
    columns = ("step", "value", "of billed", "interval (95 %)", "too recent")
    lines = [
        {
            "step": row["label"],
            "value": _value(row),
            "of billed": "" if row["of_billed"] is None else format_value(row["of_billed"], "share"),
            "interval (95 %)": format_interval(row["ci_low"], row["ci_high"], _interval_unit(row)),
            "too recent": f"{row['n_censored']:,}" if row["metric"] in COUNTS and row["n_censored"] else "",
        }
        for row in audit.rows.iter_rows(named=True)
    ]
    return pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row")


def _interval_unit(row: Mapping[str, Any]) -> str:
    """A count has the interval of its share of the billed, a cost its own."""
    return "share" if row["metric"] in COUNTS else row["unit"]


def audit_note(audit: BotAudit) -> str:
    """What is disputed and what it cost, under the table."""
    price = audit.price
    cost = "" if price is None else f", {format_value(audit.n_disputed * price, audit.currency)} of the bill"
    each = "" if price is None else f"; {format_value(price, audit.currency)} for each billed conversation"
    return (
        f"{audit.n_disputed:,} billed conversations are disputed{cost}{each}.\n"
        f"Verified: answered, no complaint, no contact on the same issue within {audit.window_days:g} days."
        f"\n\n{audit.covered.stamp}"
    )


def billed_table(billed: pl.DataFrame) -> pl.DataFrame:
    """Billed conversations in words, with the columns of ``BILLED_SCHEMA``."""
    days = [DASH if value is None else f"{value:.1f}" for value in billed["came_back_days"]]
    return billed.with_columns(pl.Series("came_back_days", days, dtype=pl.String)).fill_null(DASH)


def _for_each(options: Mapping[str, object]) -> dict[str, object]:
    """Options by metric: a bare name means every metric here that has it."""
    found: dict[str, object] = {}
    for name, value in options.items():
        owners = [
            metric for metric in (*COUNTS, *COSTS) if name in {option.name for option in find(metric).options}
        ]
        found |= {f"{metric}.{name}": value for metric in owners} if owners else {name: value}
    return found


def _row(row: Mapping[str, Any], n_billed: int) -> dict[str, Any]:
    """A result row with its share of the billed; those whose window has not passed count in neither."""
    shown = {name: row[name] for name in AUDIT_SCHEMA if name in row}
    if row["metric"] not in COUNTS:
        return shown
    n_judged = n_billed - row["n_censored"]
    if not n_judged:
        return shown | {"value": None, "null_reason": NullReason.WINDOW_CENSORED.value}
    low, high = wilson(row["numerator"], n_judged) or (None, None)
    is_all = row["metric"] == COUNTS[0]
    return shown | {
        "of_billed": row["numerator"] / n_judged,
        "ci_low": None if is_all else low,
        "ci_high": None if is_all else high,
    }


def _billed(reader: Reader, period: Days, window_days: float) -> pl.DataFrame:
    rows = reader.run(
        sql_text(__package__, "bot_billed"),
        {"window_us": round(window_days * US_PER_DAY), "first": str(period[0]), "end": str(period[1])},
    ).to_dicts()
    lines = []
    for row in rows:
        reasons = _reasons(row)
        came_back_us = row["came_back_us"]
        lines.append(
            {name: row.get(name) for name in BILLED_SCHEMA}
            | {
                "verdict": _verdict(row, reasons),
                "reasons": "; ".join(reasons),
                "came_back_days": None if came_back_us is None else came_back_us / US_PER_DAY,
            }
        )
    return pl.DataFrame(lines, schema=BILLED_SCHEMA, orient="row")


def _reasons(row: Mapping[str, Any]) -> list[str]:
    """Why the bill may be disputed."""
    found = []
    if row["is_ended"] and not row["is_contained"]:
        found.append("went to the team")
    if row["is_contained"] and row["is_bot_answered"] is False:
        found.append("no answer but fallbacks")
    if row["has_complaint"]:
        found.append("complaint in the survey")
    if row["came_back_us"] is not None:
        found.append("came back")
    return found


def _verdict(row: Mapping[str, Any], reasons: list[str]) -> str:
    if reasons:
        return "disputed"
    if not row["is_known"]:
        return "unverifiable"
    if not row["is_ended"] or not row["is_mature"]:
        return "too recent"
    return "verified" if row["is_bot_answered"] else "unverifiable"


def _value(row: Mapping[str, Any]) -> str:
    if row["null_reason"]:
        return f"{DASH} ({REASONS[row['null_reason']]})"
    return format_value(row["value"], row["unit"])
