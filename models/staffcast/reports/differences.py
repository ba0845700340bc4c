"""Why a metric moved between two periods: mix and rate of its parts, which add up to the change exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.enums import NullReason
from staffcast.core.errors import MetricError
from staffcast.metrics import Direction, Kind, Verdict, catalogue, dimensions_of, options_from_settings
from staffcast.metrics import metric as find
from staffcast.reports.named_periods import covered_part, just_before, latest_half, require_apart
from staffcast.reports.paired_parts import PairedQuestion, left_over, paired_parts, paired_whole
from staffcast.reports.periods import data_range
from staffcast.statistics import Difference, Estimate, difference_interval, wilson
from staffcast.statistics.decomposition import Effect, Part, length_and_rate, mix_and_rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from staffcast.core.config import Settings
    from staffcast.metrics import Metric
    from staffcast.reports.named_periods import Days
    from staffcast.reports.paired_parts import Pair, Side
    from staffcast.reports.periods import DataRange
    from staffcast.store.generations import Reader

__all__ = ["DIFFERENCE_SCHEMA", "WITHHELD", "DifferenceReport", "difference"]

DIFFERENCE_SCHEMA = pl.Schema(
    {
        "metric": pl.String,
        "dimension": pl.String,
        "part": pl.String,
        "unit": pl.String,
        "previous": pl.Float64,
        "value": pl.Float64,
        "previous_n": pl.Int64,
        "n": pl.Int64,
        "previous_share": pl.Float64,
        "share": pl.Float64,
        "mix": pl.Float64,
        "rate": pl.Float64,
        "contribution": pl.Float64,
        "contribution_low": pl.Float64,
        "contribution_high": pl.Float64,
        "verdict": pl.String,
        "null_reason": pl.String,
        "convention": pl.String,
        "definition_hash": pl.String,
    }
)
"""First a row without dimension: the whole. Then the parts by each dimension, which add up to it."""

USUAL_DIMENSIONS = ("queue", "topic", "language", "tier", "team", "weekday", "hour")
"""What a metric is taken apart by if nothing is said, as far as it has them."""

WITHHELD = "(withheld)"
_DECOMPOSED = {Kind.COUNT, Kind.SHARE, Kind.RATIO, Kind.MEAN, Kind.DERIVED}


@dataclass(frozen=True)
class DifferenceReport:
    """A change and its parts.

    Attributes:
        rows: A frame of ``DIFFERENCE_SCHEMA``.
        period: First day and the day after the last, as far as the data go.
        versus: The same of the earlier period.
        covered: What the data cover.
    """

    rows: pl.DataFrame
    period: Days
    versus: Days
    covered: DataRange


def difference(
    reader: Reader,
    settings: Settings,
    metric: str,
    *,
    period: Days | None = None,
    versus: Days | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str | list[str]] | None = None,
    clock: str | None = None,
    options: Mapping[str, object] | None = None,
) -> DifferenceReport:
    """Take the change of a metric between two periods apart.

    A share, mean or ratio changes because its parts changed (rate) or because their shares of the whole did
    (mix). A count changes because the period has another length (mix) or because more happened a day (rate).
    Mix and rate of the parts of one dimension add up to the change of the whole exactly.

    Args:
        reader: A published generation.
        settings: Defaults of the metric's options, and the smallest group shown.
        metric: Id of the catalogue.
        period: First day and the day after the last; by default the last 28 days, or the later half of
            shorter data. Days that the data do not cover whole are cut off, of both periods.
        versus: The earlier period; by default the one of equal length just before.
        by: Dimensions, each taken by itself; by default the usual ones that the metric has.
        where: Value or values that a dimension must have.
        clock: business or calendar.
        options: Beats the settings.

    Raises:
        MetricError: An unknown metric, dimension or option, or one whose parts do not add up.
        ConfigError: The data cover nothing of a period, or the periods overlap.
    """
    record = find(metric)
    _require_parts(record)
    covered = data_range(reader)
    this = covered_part(period, covered) if period else latest_half(covered)
    before = covered_part(versus or just_before(this), covered)
    require_apart(this, before)
    shared = {"where": where, "clock": clock, "options": options_from_settings(settings, options)}
    asked = PairedQuestion(reader, record, this, before, settings.min_n, shared)
    whole, now, earlier = paired_whole(asked)
    if whole[0].is_withheld or whole[1].is_withheld:
        raise MetricError(
            f"{metric} is withheld by the works-council profile", hint="ask for more days or fewer filters"
        )
    convention = {name: now[name] for name in ("convention", "definition_hash")}
    rows = [_whole(asked, whole) | convention]
    if rows[0]["contribution"] is None:
        rows[0]["null_reason"] = now["null_reason"] or earlier["null_reason"]
        by, usual = (), []
    else:
        usual = [name for name in USUAL_DIMENSIONS if name in dimensions_of(record)]
    for dimension in dict.fromkeys(by or usual):
        parts = [row | convention for row in _parts(asked, dimension, whole)]
        rows += parts if by or len(parts) > 1 else []
    return DifferenceReport(pl.DataFrame(rows, schema=DIFFERENCE_SCHEMA), this, before, covered)


def _require_parts(record: Metric) -> None:
    if record.kind in _DECOMPOSED:
        return
    same = [other.id for other in catalogue() if other.family == record.family and other.kind in _DECOMPOSED]
    hint = f"ask for {same[0]}" if same else "ask for a count, a share or a mean"
    raise MetricError(f"{record.id} has no parts that add up: it is a {record.kind.value}", hint=hint)


def _whole(asked: PairedQuestion, whole: Pair) -> dict[str, Any]:
    row = _row(asked, None, None, whole)
    if not whole[0].denominator or not whole[1].denominator:
        return row | {"verdict": Verdict.NO_DATA.value}
    [effect] = _effects(asked, [whole])
    return row | _effect_cells(asked, effect, _rate_interval(effect, whole)) | {"mix": None, "rate": None}


def _parts(asked: PairedQuestion, dimension: str, whole: Pair) -> Iterator[dict[str, Any]]:
    pairs = paired_parts(asked, dimension)
    hidden = [key for key, pair in pairs.items() if any(side.is_withheld for side in pair)]
    known = {key: pair for key, pair in pairs.items() if key not in hidden}
    rest = left_over(whole, list(known.values()))
    if not hidden and not _is_nothing(asked, rest):
        raise MetricError(
            f"the parts of {asked.metric.id} by {dimension} overlap, so they do not add up",
            hint="take a dimension of which each row has one value",
        )
    effects = _effects(asked, [*known.values(), *([rest] if hidden else [])])
    for (part, pair), effect in zip(known.items(), effects, strict=False):
        row = _row(asked, dimension, part, pair) | _shares(asked, pair, whole)
        yield row | _effect_cells(asked, effect, _interval(asked, effect, pair, whole))
    if hidden:
        blank = _row(asked, dimension, WITHHELD, None)
        yield blank | {"null_reason": NullReason.SUPPRESSED.value, "verdict": Verdict.NOT_JUDGED.value}


def _is_nothing(asked: PairedQuestion, rest: Pair) -> bool:
    return not any(side.numerator or (side.denominator and not asked.is_count) for side in rest)


def _effects(asked: PairedQuestion, pairs: Sequence[Pair]) -> list[Effect]:
    parts = [Part(now.numerator, now.denominator, b.numerator, b.denominator) for now, b in pairs]
    if not asked.is_count:
        return mix_and_rate(parts)
    now, before = asked.lengths
    return length_and_rate([replace(part, denominator=now, previous_denominator=before) for part in parts])


def _effect_cells(asked: PairedQuestion, effect: Effect, judged: Difference | None) -> dict[str, Any]:
    """The effect in the unit of the metric; its interval is that of what is judged, shifted to it."""
    mix, rate, whole = (float(value / asked.unit) for value in (effect.mix, effect.rate, effect.contribution))
    return {
        "mix": mix,
        "rate": rate,
        "contribution": whole,
        "contribution_low": whole - (judged.change - judged.low) if judged else None,
        "contribution_high": whole + (judged.high - judged.change) if judged else None,
        "verdict": _verdict(asked.metric, judged).value,
    }


def _interval(asked: PairedQuestion, effect: Effect, pair: Pair, whole: Pair) -> Difference | None:
    """What is judged of a part: a count by its rate; else its rate and its share of the whole together.

    Rows are a sample, so their shares are uncertain; hours and other amounts that are divided by are known.

    Source for adding intervals: G. Y. Zou and A. Donner, Stat. Med. 27 (2008) 1693.
    """
    rate = _rate_interval(effect, pair)
    if asked.is_count:
        return rate
    if rate is None and effect.rate:
        return None
    mix = _mix_interval(asked, effect, pair, whole)
    rate = rate or Difference(0.0, 0.0, 0.0)
    change = rate.change + mix.change
    below = math.hypot(rate.change - rate.low, mix.change - mix.low)
    above = math.hypot(rate.high - rate.change, mix.high - mix.change)
    return Difference(change, change - below, change + above)


def _rate_interval(effect: Effect, pair: Pair) -> Difference | None:
    now, before = pair[0].estimate, pair[1].estimate
    if now is None or before is None:
        return None
    return _times(difference_interval(now, before), effect.weight)


def _mix_interval(asked: PairedQuestion, effect: Effect, pair: Pair, whole: Pair) -> Difference:
    if asked.metric.kind not in (Kind.SHARE, Kind.MEAN):
        known = float(effect.mix / asked.unit)
        return Difference(known, known, known)
    shares = [_row_share(side, all_of_it) for side, all_of_it in zip(pair, whole, strict=True)]
    return _times(difference_interval(*shares), effect.lever / asked.unit)


def _row_share(side: Side, whole: Side) -> Estimate:
    low, high = wilson(side.denominator, whole.denominator) or (0.0, 1.0)
    return Estimate(side.denominator / whole.denominator, low, high)


def _times(interval: Difference, factor: Fraction) -> Difference:
    low, high = sorted((interval.low * float(factor), interval.high * float(factor)))
    return Difference(interval.change * float(factor), low, high)


def _row(asked: PairedQuestion, dimension: str | None, part: str | None, pair: Pair | None) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(DIFFERENCE_SCHEMA)
    row |= {"metric": asked.metric.id, "dimension": dimension, "part": part}
    row["unit"] = asked.metric.unit_in(asked.reader.currency)
    if pair is not None:
        row |= {"value": _value(asked, pair[0]), "n": pair[0].n}
        row |= {"previous": _value(asked, pair[1]), "previous_n": pair[1].n}
    return row


def _shares(asked: PairedQuestion, pair: Pair, whole: Pair) -> dict[str, float | None]:
    """How much of the whole the part makes up in either period."""
    name = "numerator" if asked.is_count else "denominator"
    shares = [
        getattr(side, name) / getattr(all_of_it, name) if getattr(all_of_it, name) else None
        for side, all_of_it in zip(pair, whole, strict=True)
    ]
    return {"share": shares[0], "previous_share": shares[1]}


def _value(asked: PairedQuestion, side: Side) -> float | None:
    if side.value is not None or not side.denominator:
        return side.value
    ratio = Fraction(side.numerator, 1 if asked.is_count else side.denominator)
    return float(ratio / asked.unit)


def _verdict(metric: Metric, judged: Difference | None) -> Verdict:
    if judged is None:
        return Verdict.NOT_JUDGED
    if not judged.is_detectable:
        return Verdict.NO_DETECTABLE_CHANGE
    is_up = judged.change > 0
    if metric.direction is Direction.NEUTRAL:
        return Verdict.HIGHER if is_up else Verdict.LOWER
    return Verdict.BETTER if is_up == (metric.direction is Direction.HIGHER) else Verdict.WORSE
