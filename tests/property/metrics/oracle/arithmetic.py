"""From judged rows to numbers: groups, periods and statistics in whole numbers and fractions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby, product
from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle.judgement import CENSORED, ORACLES, Ask, LeftOut, Oracle, Used

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Figure", "Question", "figures", "key_order"]

Row = dict[str, Any]
Key = tuple[Any, ...]
TIME = ("date", "hour", "weekday", "week", "month")
GRAINS = {None: (), "hour": ("date", "hour"), "day": ("date",), "week": ("week",), "month": ("month",)}


@dataclass(frozen=True)
class Question:
    """What query() is asked, as plain values."""

    metric: str
    by: tuple[str, ...] = ()
    where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    period: tuple[str, str] | None = None
    grain: str | None = None
    clock: str | None = None
    options: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*GRAINS[self.grain], *self.by)))

    @property
    def arguments(self) -> dict[str, Any]:
        asked = {"by": self.by, "where": dict(self.where), "period": self.period, "grain": self.grain}
        return asked | {"clock": self.clock, "options": dict(self.options)}


@dataclass
class Figure:
    """The answer for one group, and the rows that its interval rests on."""

    value: Fraction | None = None
    numerator: int | None = None
    denominator: int | None = None
    n: int = 0
    censored: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    used: list[tuple[Row, Used]] = field(default_factory=list)
    days: dict[str, tuple[int, int]] = field(default_factory=dict)
    null_reason: str | None = None
    period: tuple[str | None, str | None] = (None, None)


def figures(tables: Mapping[str, list[Row]], question: Question) -> dict[Key, Figure]:
    """The answer to a question, group by group in the order in which query() gives them."""
    oracle = ORACLES[question.metric]
    ask = Ask(question.clock, dict(oracle.options) | dict(question.options))
    if ask.options.get("dated") == "response":
        oracle = replace(oracle, cohort="response")
    found = _of_two(tables, question, oracle) if oracle.parts else _of_rows(tables, question, oracle, ask)
    found = _without_holes(found, question, oracle)
    blank = _is_blank(found.values()) and any(not tables[fact] for fact in _facts(oracle))
    for key, figure in found.items():
        figure.period = _period(question, key)
        figure.null_reason = "no_column" if blank else _why_null(oracle, figure)
    return found


def _facts(oracle: Oracle) -> list[str]:
    return [ORACLES[part].fact for part in oracle.parts] if oracle.parts else [oracle.fact]


def _is_blank(found: Iterable[Figure]) -> bool:
    return all(figure.n == 0 and figure.censored == 0 for figure in found)


def _of_rows(
    tables: Mapping[str, list[Row]], question: Question, oracle: Oracle, ask: Ask
) -> dict[Key, Figure]:
    groups: dict[Key, Figure] = {} if question.groups else {(): Figure()}
    tags = defaultdict(list)
    for bridge in tables["bridge_tag"]:
        tags[bridge["conversation_key"]].append(bridge["tag"])
    rows = _snapshots(tables, question, oracle) if oracle.cohort == "snapshot" else tables[oracle.fact]
    for row in rows:
        own = tags.get(row.get("conversation_key"), [])
        if not _is_asked_for(row, own, question, oracle):
            continue
        verdict = oracle.judge(row, Ask(ask.clock, ask.options, row.get("at_us", 0)))
        for key in _keys(row, own, question, oracle):
            _enter(groups, key, row, verdict)
    for figure in groups.values():
        _work_out(oracle, figure)
    return dict(sorted(groups.items(), key=key_order))


def _enter(groups: dict[Key, Figure], key: Key, row: Row, verdict: object) -> None:
    if isinstance(verdict, Used):
        groups.setdefault(key, Figure()).used.append((row, verdict))
    elif isinstance(verdict, LeftOut):
        groups.setdefault(key, Figure()).left_out[verdict.reason] += 1
    elif verdict is CENSORED:
        groups.setdefault(key, Figure()).censored += 1


def _column(name: str, oracle: Oracle) -> str:
    return f"{oracle.cohort}_{name}" if name in TIME else name


def _keys(row: Row, tags: list[str], question: Question, oracle: Oracle) -> list[Key]:
    """The groups of a row: one, but for tags, of which it may have several."""
    options = [
        _wanted_tags(tags, question) if name == "tag" else [row[_column(name, oracle)]]
        for name in question.groups
    ]
    return list(product(*options))


def _wanted_tags(tags: list[str], question: Question) -> list[str | None]:
    """With a filter on tags beside, only the groups of these."""
    own: list[str | None] = [*tags] or [None]
    wanted = question.where.get("tag")
    return own if wanted is None else [tag for tag in own if tag in wanted]


def _is_asked_for(row: Row, tags: list[str], question: Question, oracle: Oracle) -> bool:
    if oracle.cohort != "snapshot":
        when = row[f"{oracle.cohort}_date"]
        if when is None or (question.period and not question.period[0] <= when < question.period[1]):
            return False
    for name, wanted in question.where.items():
        values = [*tags] or [None] if name == "tag" else [row[_column(name, oracle)]]
        if not set(values) & set(wanted):
            return False
    return True


def _snapshots(tables: Mapping[str, list[Row]], question: Question, oracle: Oracle) -> list[Row]:
    """Each row of the fact once for every instant that it covers: the ends of the periods, up to as_of."""
    as_of = next(int(row["value"]) for row in tables["build_info"] if row["key"] == "as_of_us")
    ends: dict[Key, int] = {}
    for slot in tables["dim_slot"]:
        inside = not question.period or question.period[0] <= slot["local_date"] < question.period[1]
        if slot["queue"] == "" and slot["slot_at_us"] <= as_of and inside:
            label = tuple(slot[f"local_{name}"] for name in GRAINS[question.grain])
            ends[label] = max(ends.get(label, 0), slot["slot_at_us"] + 900_000_000)
    covered = []
    for label, end in ends.items():
        at = min(end, as_of)
        names = {f"snapshot_{name}": value for name, value in zip(GRAINS[question.grain], label, strict=True)}
        for row in tables[oracle.fact]:
            until = row["until_at_us"]
            if row["from_at_us"] <= at and (until is None or until > at):
                covered.append(row | names | {"at_us": at})
    return covered


def _of_two(tables: Mapping[str, list[Row]], question: Question, oracle: Oracle) -> dict[Key, Figure]:
    """One count over another, each of its own rows; a group that only one of them has stays.

    Of rows there are none then, of amounts nothing is known.
    """
    assert oracle.parts is not None
    none_above = 0 if ORACLES[oracle.parts[0]].counts_rows else None
    sides = []
    for part in oracle.parts:
        own = {name: value for name, value in question.options.items() if name in ORACLES[part].options}
        asked = Question(part, question.by, question.where, question.period, question.grain,
                         question.clock, own)  # fmt: skip
        ask = Ask(question.clock, dict(ORACLES[part].options) | own)
        sides.append(_of_rows(tables, asked, ORACLES[part], ask))
    found = {}
    for key in sorted({*sides[0], *sides[1]}, key=lambda key: key_order((key, None))):
        above, below = (side.get(key) for side in sides)
        counted = sides[oracle.n_of].get(key, Figure())
        figure = Figure(
            numerator=above.numerator if above else none_above,
            denominator=below.numerator if below else None,
            n=counted.n, censored=counted.censored, left_out=counted.left_out,
        )  # fmt: skip
        of_above, of_below = (
            _of_each_day(ORACLES[part], side) for part, side in zip(oracle.parts, (above, below), strict=True)
        )
        figure.days = {day: (of_above[day][0], of_below[day][0]) for day in {*of_above, *of_below}}
        if figure.numerator is not None and figure.denominator:
            figure.value = Fraction(figure.numerator * oracle.times, figure.denominator * oracle.per)
        found[key] = figure
    return found


def _of_each_day(oracle: Oracle, figure: Figure | None) -> dict[str, tuple[int, int]]:
    """Sums of amounts and weights; of a day without rows there are none."""
    days: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row, used in figure.used if figure else ():
        day = row[f"{oracle.cohort}_date"]
        days[day] = days[day][0] + used.value, days[day][1] + used.weight
    return days


def _work_out(oracle: Oracle, figure: Figure) -> None:
    amounts = [used.value for _, used in figure.used]
    figure.n = len(amounts)
    if oracle.how == "ratio":
        figure.days = _of_each_day(oracle, figure)
    match oracle.how:
        case "count":
            figure.numerator = sum(amounts)
            figure.value = Fraction(figure.numerator, oracle.per)
        case "share":
            figure.numerator, figure.denominator = sum(map(bool, amounts)), len(amounts)
        case "mean":
            figure.numerator, figure.denominator = (sum(amounts) if amounts else None), len(amounts)
        case "ratio" if amounts:
            figure.numerator = sum(amounts)
            figure.denominator = sum(used.weight for _, used in figure.used)
        case "quantile" if amounts:
            figure.value = _quantile(amounts, oracle.quantile) / oracle.per
        case "weighted" if any(used.weight for _, used in figure.used):
            figure.value = _weighted_quantile([used for _, used in figure.used], oracle.quantile)
        case "maximum" if amounts:
            figure.value = Fraction(max(amounts), oracle.per)
        case "survival":
            figure.censored = sum(not used.ended for _, used in figure.used)
            middle = _survival_quantile([used for _, used in figure.used], oracle.quantile)
            figure.value = None if middle is None else Fraction(middle, oracle.per)
    if oracle.how in ("share", "mean", "ratio") and figure.denominator:
        assert figure.numerator is not None
        figure.value = Fraction(figure.numerator, figure.denominator * oracle.per)


def _quantile(amounts: list[int], at: float) -> Fraction:
    """Linear between the two neighbours: type 7."""
    ordered = sorted(amounts)
    place = Fraction(str(at)) * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _weighted_quantile(rows: list[Used], at: float) -> Fraction:
    """The smallest value that is not exceeded for this share of the weight."""
    whole = sum(row.weight for row in rows)
    below = 0
    for row in sorted(rows, key=lambda row: row.value):
        below += row.weight
        if below >= Fraction(str(at)) * whole:
            return Fraction(row.value)
    raise AssertionError


def _survival_quantile(rows: list[Used], at: float) -> int | None:
    """When at most 1 - ``at`` are left for the first time (Kaplan-Meier): ends before those cut short."""
    left, share = len(rows), Fraction(1)
    for instant, group in groupby(sorted(rows, key=lambda row: row.value), key=lambda row: row.value):
        together = list(group)
        ends = sum(row.ended for row in together)
        share *= Fraction(left - ends, left)
        if ends and share <= 1 - Fraction(str(at)):
            return instant
        left -= len(together)
    return None


def _without_holes(found: dict[Key, Figure], question: Question, oracle: Oracle) -> dict[Key, Figure]:
    """Every day, week or month between the first and the last with data has a row for each group."""
    if question.grain in (None, "hour") or not found or set(question.by) & set(TIME):
        return found
    first, last = min(key[0] for key in found), max(key[0] for key in found)
    parts = sorted({key[1:] for key in found}, key=lambda part: key_order((part, None)))
    whole: dict[Key, Figure] = {}
    for label, part in product(_labels(str(question.grain), first, last), parts):
        is_count = oracle.how == "count"
        empty = Figure(value=Fraction(0), numerator=0) if is_count else Figure()
        whole[(label, *part)] = found.get((label, *part), empty)
    return whole


def _labels(grain: str, first: str, last: str) -> list[str]:
    days = date.fromisoformat(first if grain != "month" else f"{first}-01")
    labels = []
    while (label := days.strftime("%Y-%m" if grain == "month" else "%Y-%m-%d")) <= last:
        labels.append(label)
        days += timedelta(days=7 if grain == "week" else 1)
    return list(dict.fromkeys(labels))


def _why_null(oracle: Oracle, figure: Figure) -> str | None:
    """The reason that is printed where a number has none."""
    if figure.n == 0 and figure.left_out["not_recorded"]:
        return "no_column"
    if oracle.how == "count":
        return None
    if figure.n == 0:
        if figure.censored:
            return "window_censored"
        if figure.left_out["no_calendar"]:
            return "no_calendar"
        return "all_null" if figure.left_out["no_value"] else "denominator_zero"
    if oracle.how == "derived" and figure.numerator is None:
        return "all_null"
    if figure.value is None:
        return "window_censored" if oracle.how == "survival" else "denominator_zero"
    return None


def _period(question: Question, key: Key) -> tuple[str | None, str | None]:
    if question.grain is None:
        return question.period or (None, None)
    if question.grain == "hour":
        day, hour = date.fromisoformat(key[0]), key[1]
        end = day + timedelta(days=(hour + 1) // 24)
        return f"{day}T{hour:02d}:00", f"{end}T{(hour + 1) % 24:02d}:00"
    label = key[0]
    first = date.fromisoformat(label if question.grain != "month" else f"{label}-01")
    days = {"day": 1, "week": 7}.get(question.grain, 32)
    end = first + timedelta(days=days)
    if question.grain == "month":
        end = end.replace(day=1)
    low, high = question.period or ("0000", "9999")
    return max(str(first), low), min(str(end), high)


def key_order(item: tuple[Key, object]) -> list[tuple[bool, Any]]:
    """Groups are sorted; no value comes last."""
    return [(value is None, value if value is not None else 0) for value in item[0]]
