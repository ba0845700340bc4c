"""CSAT with the answers weighted to the conversations that were asked: does who answers decide the number?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast.core.errors import MetricError, did_you_mean
from staffcast.core.units import US_PER_S
from staffcast.metrics import compiler, options_from_settings
from staffcast.metrics import metric as find
from staffcast.metrics.request import request
from staffcast.metrics.run import decide
from staffcast.metrics.suppression import suppressed
from staffcast.reports.periods import data_range, reporting_period
from staffcast.reports.wording import DASH, format_interval, format_value
from staffcast.statistics import rake, wilson
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from staffcast.core.config import Settings
    from staffcast.reports.named_periods import Days
    from staffcast.reports.periods import DataRange
    from staffcast.statistics import Raked
    from staffcast.store.generations import Reader

__all__ = ["RAKED_SCHEMA", "TRAITS", "RakedCsat", "raked_csat", "raked_note", "raked_table"]

TRAITS = ("topic", "wait", "language", "queue", "channel")
"""What answers may be weighted by."""

FEWEST_ANSWERS = 10
"""Categories with fewer answers are taken together: one answer must not stand for hundreds."""

_WAITS_S = (10, 30, 60, 120)
_WAITS = [*(f"up to {s} s" for s in _WAITS_S), f"over {_WAITS_S[-1]} s"]
_NONE, _RARE = "(none)", "(few answers)"

RAKED_SCHEMA = pl.Schema(
    {
        "trait": pl.String,
        "part": pl.String,
        "n_asked": pl.Int64,
        "n_answered": pl.Int64,
        "response_share": pl.Float64,
        "weight": pl.Float64,
        "csat": pl.Float64,
        "ci_low": pl.Float64,
        "ci_high": pl.Float64,
        "n_effective": pl.Float64,
    }
)


@dataclass(frozen=True)
class RakedCsat:
    """CSAT as answered and as if everybody who was asked had answered alike.

    Attributes:
        rows: A frame of ``RAKED_SCHEMA``: ``as answered``, ``weighted``, then each part of each trait with
            the mean weight of its answers.
        by: The traits.
        period: First day and the day after the last, of the closes.
        covered: What the data cover.
    """

    rows: pl.DataFrame
    by: tuple[str, ...]
    period: Days
    covered: DataRange


def raked_csat(
    reader: Reader,
    settings: Settings,
    *,
    by: Sequence[str] = ("topic", "wait", "language"),
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
) -> RakedCsat:
    """Weigh the ratings so that each trait is as frequent among them as among the surveyed conversations.

    Args:
        reader: A published generation.
        settings: Defaults of the options.
        by: Traits out of ``TRAITS``.
        where: Value or values that a dimension must have.
        from_date: First local date of the close, ISO.
        to_date: Last local date, ISO, included.

    Raises:
        MetricError: An unknown trait, or too few ratings.
        ConfigError: The period is malformed or empty.
    """
    if not by:
        raise MetricError("nothing to weigh the ratings by", hint=f"known: {', '.join(TRAITS)}")
    for name in by:
        if name not in TRAITS:
            raise MetricError(f"ratings cannot be weighted by '{name}'", hint=did_you_mean(name, TRAITS))
    covered = data_range(reader)
    period = reporting_period(covered, from_date=from_date, to_date=to_date)
    asked = _asked(reader, settings, period, where, tuple(dict.fromkeys(by)))
    answered = asked.filter("is_answer")
    if answered.height < FEWEST_ANSWERS:
        raise MetricError(
            f"{answered.height} ratings are too few to be weighted", hint=f"{FEWEST_ANSWERS} are needed"
        )
    traits = [_pooled(asked, name) for name in dict.fromkeys(by)]
    is_answer = asked["is_answer"].to_numpy()
    codes, shares = [], []
    for parts in traits:
        numbers = parts.to_physical().to_numpy()
        shares.append(np.bincount(numbers) / numbers.size)
        codes.append(numbers[is_answer])
    raked = rake(codes, shares)
    rows = [_whole(asked, answered, None), _whole(asked, answered, raked)]
    for name, parts in zip(dict.fromkeys(by), traits, strict=True):
        rows += _parts(name, parts, is_answer, raked)
    return RakedCsat(
        pl.DataFrame(rows, schema=RAKED_SCHEMA, orient="row"), tuple(dict.fromkeys(by)), period, covered
    )


def _asked(
    reader: Reader,
    settings: Settings,
    period: Days,
    where: Mapping[str, str | list[str]] | None,
    by: tuple[str, ...],
) -> pl.DataFrame:
    """Each surveyed conversation with its traits, whether it has a rating, and whether that is positive."""
    question = request(where=where, period=period)
    [chosen] = decide([find("csat_response_rate")], question, options_from_settings(settings, {}))
    if () in suppressed(reader, chosen, question, [()]):
        raise MetricError(
            "CSAT is withheld by the works-council profile", hint="ask for more days or fewer filters"
        )
    columns = ("conversation_key", "is_csat_positive", *(name for name in by if name != "wait"))
    rows = reader.run(*compiler.rows(chosen, question, columns=columns).bound())
    waits = reader.run(sql_text(__package__, "survey_waits"))
    joined = rows.join(waits, on="conversation_key", how="left").sort("conversation_key")
    return joined.with_columns(is_answer=pl.col("row_value") == 1, wait=_wait())


def _wait() -> pl.Expr:
    """How long the wait was, in words; null where the queue was never entered."""
    words = pl.lit(_WAITS[-1])
    for limit_s, label in reversed([*zip(_WAITS_S, _WAITS, strict=False)]):
        words = pl.when(pl.col("wait_us") <= limit_s * US_PER_S).then(pl.lit(label)).otherwise(words)
    return pl.when(pl.col("wait_us").is_not_null()).then(words)


def _pooled(asked: pl.DataFrame, name: str) -> pl.Series:
    """The categories of a trait, those with few answers taken together."""
    parts = asked.select(
        part=pl.col(name).cast(pl.String).fill_null(_NONE), is_answer=pl.col("is_answer").cast(pl.Int64)
    )
    counts = parts.group_by("part").agg(pl.col("is_answer").sum()).sort("is_answer", "part")
    rare: list[str] = []
    n_rare = 0
    for part, n in counts.iter_rows():
        if n >= FEWEST_ANSWERS and (not rare or n_rare >= FEWEST_ANSWERS):
            break
        rare.append(part)
        n_rare += n
    kept = set(counts["part"]) - set(rare)
    in_order = _WAITS if name == "wait" else sorted(kept - {_NONE})
    labels = [*(part for part in (*in_order, _NONE) if part in kept), *([_RARE] if rare else [])]
    shown = pl.when(pl.col("part").is_in(rare)).then(pl.lit(_RARE)).otherwise(pl.col("part"))
    return parts.select(shown.cast(pl.Enum(labels)).alias(name))[name]


def _whole(asked: pl.DataFrame, answered: pl.DataFrame, raked: Raked | None) -> dict[str, object]:
    n = answered.height
    weights = np.ones(n) if raked is None else raked.weights
    n_effective = float(n) if raked is None else raked.n_effective
    share = float(weights @ answered["is_csat_positive"].to_numpy() / weights.sum())
    low, high = wilson(min(share, 1.0) * n_effective, n_effective) or (None, None)
    return {
        "trait": None,
        "part": "as answered" if raked is None else "weighted",
        "n_asked": asked.height,
        "n_answered": n,
        "response_share": n / asked.height,
        "weight": None,
        "csat": share,
        "ci_low": low,
        "ci_high": high,
        "n_effective": n_effective,
    }


def _parts(name: str, parts: pl.Series, is_answer: np.ndarray, raked: Raked) -> list[dict[str, object]]:
    frame = pl.DataFrame({"part": parts, "is_answer": is_answer})
    weighted = frame.filter("is_answer").with_columns(weight=raked.weights)
    means = dict(weighted.group_by("part").agg(pl.col("weight").mean()).iter_rows())
    counted = frame.group_by("part").agg(n=pl.len(), n_answered=pl.col("is_answer").sum()).sort("part")
    return [
        {
            "trait": name,
            "part": str(row["part"]),
            "n_asked": row["n"],
            "n_answered": row["n_answered"],
            "response_share": row["n_answered"] / row["n"],
            "weight": means.get(row["part"]),
        }
        for row in counted.iter_rows(named=True)
    ]


def raked_table(found: RakedCsat) -> pl.DataFrame:
    """The rows in words.

    Returns:
        Text columns: by, part, asked, answered, response, weight, CSAT, interval (95 %).
    """
    lines = [
        {
            "by": row["trait"] or "",
            "part": row["part"],
            "asked": f"{row['n_asked']:,}",
            "answered": f"{row['n_answered']:,}",
            "response": format_value(row["response_share"], "share"),
            "weight": ""
            if row["trait"] is None
            else DASH
            if row["weight"] is None
            else f"{row['weight']:.2f}",
            "CSAT": "" if row["csat"] is None else format_value(row["csat"], "share"),
            "interval (95 %)": format_interval(row["ci_low"], row["ci_high"], "share"),
        }
        for row in found.rows.iter_rows(named=True)
    ]
    return pl.DataFrame(lines)


def raked_note(found: RakedCsat) -> str:
    """What weighting can and cannot do, under the table."""
    weighted = found.rows.row(1, named=True)
    return (
        f"Weighted (raking) until {', '.join(found.by)} are as frequent among ratings as among all asked."
        f"\nThe weights cost precision: {weighted['n_answered']:,} ratings are worth"
        f" {weighted['n_effective']:,.0f}.\nWithin a part, those who answered may still differ from those who"
        f" did not: csat_lower and csat_upper bound that.\n\n{found.covered.stamp}"
    )
