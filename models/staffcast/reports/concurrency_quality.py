"""Handle time, reply time, CSAT and FCR by the number of active chats at accept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.enums import NullReason
from staffcast.core.errors import ModelError
from staffcast.metrics import Direction, Verdict, compiler, options_from_settings, query
from staffcast.metrics import metric as find
from staffcast.metrics.request import request
from staffcast.metrics.run import decide
from staffcast.metrics.suppression import refuse_own_measures, refuse_people
from staffcast.reports.concurrency_effects import level_effects
from staffcast.reports.periods import data_range, reporting_period
from staffcast.reports.wording import DASH, REASONS, format_change, format_value
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from staffcast.core.config import Settings
    from staffcast.reports.concurrency_effects import LevelEffect
    from staffcast.reports.named_periods import Days
    from staffcast.reports.periods import DataRange
    from staffcast.store.generations import Reader

__all__ = [
    "CONCURRENCY_SCHEMA", "ConcurrencyReport", "concurrency_note", "concurrency_quality", "concurrency_table",
]  # fmt: skip

CONCURRENCY_SCHEMA = pl.Schema(
    {
        "metric": pl.String,
        "k_active": pl.Int64,
        "n": pl.Int64,
        "n_agents": pl.Int64,
        "raw": pl.Float64,
        "adjusted": pl.Float64,
        "effect": pl.Float64,
        "effect_low": pl.Float64,
        "effect_high": pl.Float64,
        "unit": pl.String,
        "verdict": pl.String,
        "null_reason": pl.String,
        "evidence": pl.String,
        "convention": pl.String,
        "definition_hash": pl.String,
    }
)
"""A row for each outcome and number of chats at accept, the accepted one included; one without a number, with
the reason, for an outcome that no chat has.

``raw`` is the plain mean, ``adjusted`` the mean with agents and hours of the week held fixed, ``effect`` its
distance from the lowest number, with a 95 % interval clustered by agent.
"""

OUTCOMES = ("handle_time", "reply_time_mean", "csat", "fcr")
SMALLEST_CELL = 30
_EVIDENCE = "observational"
_FEW_AGENTS = 20


@dataclass(frozen=True)
class ConcurrencyReport:
    """Outcomes by concurrency.

    Attributes:
        rows: A frame of ``CONCURRENCY_SCHEMA``.
        period: First day and the day after the last.
        covered: What the data cover.
        has_day_labels: Agents could be held fixed day by day only (works-council profile).
    """

    rows: pl.DataFrame
    period: Days
    covered: DataRange
    has_day_labels: bool


def concurrency_quality(
    reader: Reader,
    settings: Settings,
    *,
    where: Mapping[str, str | list[str]] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
    options: Mapping[str, object] | None = None,
) -> ConcurrencyReport:
    """How outcomes differ with the chats that the accepting agent had, agent and hour of week held fixed.

    A conversation counts with the agent who accepted it first and the active chats that this made; what came
    of it later, transfers included, is its outcome. Its reply time is the mean over its turns.

    Args:
        reader: A published generation.
        settings: Defaults of the metrics' options.
        where: Value or values that a dimension of the conversation must have.
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.
        options: Beats the settings.

    Raises:
        ModelError: No outcome has two levels of at least 30 chats.
        ConfigError: The period is malformed or empty.
        MetricError: An unknown dimension or option.
    """
    refuse_people(where or {}, reader.min_group)
    covered = data_range(reader)
    period = reporting_period(covered, from_date=from_date, to_date=to_date)
    accepts = reader.run(sql_text(__package__, "concurrency_at_accept"))
    rows: list[dict[str, Any]] = []
    for name in OUTCOMES:
        asked = {"where": where or {}, "period": period}
        rows += _outcome(reader, name, accepts, asked, options_from_settings(settings, options))
    if all(row["effect"] is None for row in rows):
        raise ModelError(
            f"no outcome has two numbers of chats with at least {SMALLEST_CELL} chats each that may be shown",
            hint="ask for more days or fewer filters",
        )
    frame = pl.DataFrame(rows, schema=CONCURRENCY_SCHEMA)
    return ConcurrencyReport(frame, period, covered, bool(reader.min_group))


def _outcome(
    reader: Reader, name: str, accepts: pl.DataFrame, asked: Mapping[str, Any], options: Mapping[str, object]
) -> Iterator[dict[str, Any]]:
    """The rows of one outcome, by level."""
    question = request(**asked)
    refuse_own_measures(find(name), reader.min_group)
    [chosen] = decide([find(name)], question, options)
    found = reader.run(*compiler.rows(chosen, question, columns=("conversation_key",)).bound())
    metric = chosen.metric
    values = (
        found.group_by("conversation_key")
        .agg((pl.col("row_value").cast(pl.Float64) / metric.divisor).mean().alias("outcome"))
        .join(accepts, on="conversation_key")
        .sort("conversation_key")
    )
    hidden = _withheld(values, reader.min_group)
    sizes = _sizes(values)
    large = sizes.filter((pl.col("n") >= SMALLEST_CELL) & ~pl.col("k_active").is_in(list(hidden)))
    used = values.filter(pl.col("k_active").is_in(large["k_active"].to_list()))
    effects = {
        effect.level: effect
        for effect in level_effects(used["outcome"], used["k_active"], used["agent_id"], used["hour_of_week"])
    }
    shared = {
        "metric": name,
        "unit": metric.unit,
        "evidence": _EVIDENCE,
        "convention": chosen.convention,
        "definition_hash": chosen.definition_hash,
    }
    if sizes.is_empty():
        yield dict.fromkeys(CONCURRENCY_SCHEMA) | shared | _nothing(reader, name, asked, options)
    for size in sizes.sort("k_active").to_dicts():
        level = size["k_active"]
        yield (
            dict.fromkeys(CONCURRENCY_SCHEMA)
            | shared
            | _cells(
                metric.direction,
                size,
                effects.get(level),
                is_hidden=level in hidden,
                has_labels=bool(reader.min_group),
            )
        )


def _sizes(values: pl.DataFrame) -> pl.DataFrame:
    return values.group_by("k_active").agg(
        pl.len().alias("n"),
        pl.col("agent_id").n_unique().alias("n_agents"),
        pl.col("outcome").mean().alias("raw"),
    )


def _nothing(
    reader: Reader, name: str, asked: Mapping[str, Any], options: Mapping[str, object]
) -> dict[str, Any]:
    """An outcome that no chat has, with the reason."""
    reason = query(reader, name, **asked, options=options)["null_reason"].item()
    return {"n": 0, "null_reason": reason or NullReason.DENOMINATOR_ZERO.value}


def _cells(
    direction: Direction,
    size: Mapping[str, Any],
    effect: LevelEffect | None,
    *,
    is_hidden: bool,
    has_labels: bool,
) -> dict[str, Any]:
    if is_hidden:
        return {"k_active": size["k_active"], "null_reason": NullReason.SUPPRESSED.value}
    shown = {
        "k_active": size["k_active"],
        "n": size["n"],
        # A label of one day is no agent: their number would say how many were at work on how many days.
        "n_agents": None if has_labels else size["n_agents"],
    }
    if effect is None:
        return shown | {"null_reason": NullReason.BELOW_MIN_N.value}
    return shown | {
        "raw": size["raw"],
        "adjusted": effect.adjusted,
        "effect": effect.effect,
        "effect_low": effect.low,
        "effect_high": effect.high,
        "verdict": _verdict(direction, effect),
    }


def _verdict(direction: Direction, effect: LevelEffect) -> str:
    if not effect.low and not effect.high:
        return ""
    if effect.low <= 0 <= effect.high:
        return Verdict.NO_DETECTABLE_CHANGE.value
    is_better = (effect.effect > 0) == (direction is Direction.HIGHER)
    return (Verdict.BETTER if is_better else Verdict.WORSE).value


def _withheld(values: pl.DataFrame, min_group: int) -> set[int]:
    """Levels that rest on too few agents of one day, and the next larger ones until they hide one another."""
    if not min_group:
        return set()
    days = values.group_by("k_active", pl.col("agent_id").str.slice(0, 10).alias("day")).agg(
        pl.col("agent_id").n_unique().alias("n")
    )
    n_agents = dict(days.group_by("k_active").agg(pl.col("n").max()).sort("n", "k_active").iter_rows())
    hidden = {level for level, n in n_agents.items() if n < min_group}
    if not hidden:
        return hidden
    for level in n_agents:
        if len(hidden) > 1 and sum(n_agents[other] for other in hidden) >= min_group:
            break
        hidden.add(level)
    return hidden


def concurrency_table(report: ConcurrencyReport) -> pl.DataFrame:
    """The report in words.

    Returns:
        Text columns metric, chats at accept, n, as measured, adjusted, against the lowest, interval (95 %),
        verdict.
    """
    columns = (
        "metric", "chats at accept", "n", "as measured", "adjusted", "against the lowest", "interval (95 %)",
        "verdict",
    )  # fmt: skip
    lines = []
    for row in report.rows.iter_rows(named=True):
        unit, reason = row["unit"], row["null_reason"]
        bounds = (row["effect_low"], row["effect_high"])
        lines.append(
            {
                "metric": find(row["metric"]).label,
                "chats at accept": DASH if row["k_active"] is None else str(row["k_active"]),
                "n": DASH if row["n"] is None else f"{row['n']:,}",
                "as measured": f"{DASH} ({REASONS[reason]})" if reason else format_value(row["raw"], unit),
                "adjusted": format_value(row["adjusted"], unit),
                "against the lowest": format_change(row["effect"], unit) if row["effect"] else "",
                "interval (95 %)": ""
                if None in bounds or bounds == (0, 0)
                else " to ".join(format_change(bound, unit) for bound in bounds),
                "verdict": row["verdict"] or "",
            }
        )
    return pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row")


def concurrency_note(report: ConcurrencyReport) -> str:
    """What the figures mean and how far they reach."""
    lines = [
        "Observational: chats were not assigned at random.",
        "Agent and hour of the week are held fixed, other reasons for a busy moment are not.",
        "Errors are clustered by agent.",
        f"Numbers of chats with fewer than {SMALLEST_CELL} chats are refused.",
    ]
    if report.has_day_labels:
        lines.append("Under the works-council profile agents are held fixed day by day.")
    else:
        n_agents = report.rows["n_agents"].max()
        if isinstance(n_agents, int) and n_agents < _FEW_AGENTS:
            lines.append(f"Only {n_agents} agents: the intervals are rather too narrow.")
    return "\n".join([*lines, "", report.covered.stamp])
