"""From a metric and a question to one portable SQL statement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from staffcast.metrics.population import CENSORED, USED, classified, parameters, reasons
from staffcast.metrics.record import Kind
from staffcast.metrics.request import column_of
from staffcast.metrics.template import Template
from staffcast.store.facts import fact_table

if TYPE_CHECKING:
    from staffcast.metrics.options import Chosen
    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Request

__all__ = ["agents", "clusters", "days", "row_columns", "rows", "rows_behind", "totals"]

_WORKERS = """
  join (
    select conversation_key, agent_id from fact_leg
    union all
    select conversation_key, agent_id from fact_turn
  ) as w on w.conversation_key = c.conversation_key"""
"""Who worked on a conversation: those who held it and those who replied."""

_WEIGHED = {Kind.RATIO, Kind.WEIGHTED}
_LAST_STEPS = {Kind.SURVIVAL: "survived", Kind.WEIGHTED: "weighted"}


def totals(chosen: Chosen, asked: Request) -> Template:
    """The statement with one row a group: numerator, denominator, counts of rows left out, value."""
    metric = chosen.metric
    if metric.kind is Kind.DERIVED:
        return _derived(chosen, asked)
    columns = [(column_of(metric, name)[0], name) for name in asked.groups]
    selected = [f"{column} as {name}" for column, name in columns] + _aggregates(metric, asked)
    lines = [
        classified(chosen, asked),
        "totals as (",
        "  select\n    " + ",\n    ".join(selected),
        "  from " + _LAST_STEPS.get(metric.kind, "classified"),
        *([f"  group by {', '.join(column for column, _ in columns)}"] if columns else []),
        ")",
        f"select totals.*, {_value(metric)} as value",
        "from totals",
        *_order(asked.groups),
    ]
    return Template("\n".join(lines), parameters(chosen, asked))


def rows(
    chosen: Chosen, asked: Request, *, columns: tuple[str, ...] = (), only_used: bool = True
) -> Template:
    """The statement with the rows behind the number: groups, ``columns``, status and value of each."""
    metric = chosen.metric
    groups = [f"{column_of(metric, name)[0]} as {name}" for name in asked.groups]
    values = ["row_status", f"{_row_number(metric)} as row_value"]
    if metric.kind is Kind.SURVIVAL:
        values.append("row_event")
    if metric.kind in _WEIGHED and not only_used:
        values.append("row_weight as row_denominator")
    lines = [
        classified(chosen, asked),
        f"select {', '.join([*groups, *columns, *values])}",
        "from classified",
        *([f"where row_status = '{USED}'"] if only_used else []),
        *_order(asked.groups + columns),
    ]
    return Template("\n".join(lines), parameters(chosen, asked))


def rows_behind(chosen: Chosen, asked: Request) -> Template:
    """The statement that lists every row that was judged, those left out included, with its keys."""
    metric = chosen.metric
    if metric.kind is not Kind.DERIVED:
        return rows(chosen, asked, columns=row_columns(metric, asked), only_used=False)
    values: dict[str, int | str] = {}
    parts = []
    for part, name in zip(chosen.parts, ("numerator", "denominator"), strict=True):
        keys = row_columns(part.metric, asked)
        statement = rows(part, asked, columns=keys, only_used=False)
        values |= statement.values
        key = " || '/' || ".join(f"cast({column} as string)" for column in keys)
        columns = [f"'{name}' as part", *asked.groups, f"{key} as row_key", "row_status", "row_value"]
        body = statement.text.replace("\n", "\n  ")
        parts.append(f"select {', '.join(columns)} from (\n  {body}\n) as {name}_rows")  # noqa: S608
    order = ", ".join(f"{name} nulls last" for name in ("part", *asked.groups, "row_key"))
    text = "\nunion all\n".join(parts)
    return Template(f"with behind as (\n{text}\n)\nselect * from behind order by {order}", values)


def durations(chosen: Chosen, asked: Request) -> Template:
    """The statement with the ends and cuts at each duration: what the interval of Kaplan-Meier needs."""
    metric = chosen.metric
    groups = [f"{column_of(metric, name)[0]} as {name}" for name in asked.groups]
    lines = [
        classified(chosen, asked),
        f"select {', '.join([*groups, 'row_value', 'n_ended', 'n_rows - n_ended as n_cut'])}",
        f"from tallied where row_status = '{USED}'",
        *_order((*asked.groups, "row_value")),
    ]
    return Template("\n".join(lines), parameters(chosen, asked))


def clusters(chosen: Chosen, asked: Request) -> Template:
    """The statement with the hits and the size of each cluster: what the interval of a share needs."""
    metric = chosen.metric
    groups = [f"{column_of(metric, name)[0]} as {name}" for name in asked.groups]
    cluster = fact_table(metric.fact).cluster
    keys = ", ".join([*(column_of(metric, name)[0] for name in asked.groups), cluster])
    lines = [
        classified(chosen, asked),
        f"select {', '.join([*groups, f'sum({_row_number(metric)}) as hits', 'count(*) as size'])}",
        f"from classified where row_status = '{USED}'",
        f"group by {keys}",
        f"order by {keys}",
    ]
    return Template("\n".join(lines), parameters(chosen, asked))


def days(chosen: Chosen, asked: Request) -> Template:
    """The statement with numerator and denominator of each day: what the interval of a ratio needs."""
    return totals(chosen, replace(asked, by=(*asked.by, "date")))


def agents(chosen: Chosen, asked: Request) -> Template:
    """The statement with the agents behind each group, on the day with most: of used rows, and of all.

    Under the works-council profile an agent's label begins with its day and is good for that day only.
    """
    metric = chosen.metric
    # What is open may be held by nobody now, though somebody has worked on it.
    names = {name for name, _ in fact_table(metric.fact).all_columns}
    is_own = "agent_id" in names and not metric.is_snapshot
    worker = "c.agent_id as worker" if is_own else "w.agent_id as worker"
    groups = [f"c.{column_of(metric, name)[0]} as {name}" for name in asked.groups]
    used = f"count(distinct case when row_status = '{USED}' then worker end) as n_used"
    lines = [
        classified(chosen, asked),
        "behind as (",
        "  select " + ", ".join([*groups, "c.row_status", worker]),
        "  from classified as c" + ("" if is_own else _WORKERS),
        "),",
        "days as (",
        "  select " + ", ".join([*asked.groups, used, "count(distinct worker) as n_all"]),
        "  from behind where worker is not null",
        "  group by " + ", ".join([*asked.groups, "substr(worker, 1, 10)"]),
        ")",
        "select " + ", ".join([*asked.groups, "max(n_used) as n_used", "max(n_all) as n_all"]),
        "from days",
        *(["group by " + ", ".join(asked.groups)] if asked.groups else []),
    ]
    return Template("\n".join(lines), parameters(chosen, asked))


def row_columns(metric: Metric, asked: Request) -> tuple[str, ...]:
    """Columns that identify a row of the metric's fact: its keys, or whose stretch or slot, and when."""
    names = [column.name for column in fact_table(metric.fact).columns]
    keys = [name for name in names if name.endswith("_key") and name != "customer_key"]
    found = keys or [name for name in ("agent_id", "segment_at_us", "queue", "slot_at_us") if name in names]
    return tuple(name for name in found if name not in asked.groups)


def _derived(chosen: Chosen, asked: Request) -> Template:
    """Each count on its own rows; a group that only one of them has keeps it.

    Where the upper one counts rows, none in a group are 0; where it sums amounts, none were recorded.
    """
    metric = chosen.metric
    none_above = "cast(null as bigint)" if chosen.parts[0].metric.numerator else "0"
    left_out = [f"excluded_{reason}" for reason in reasons(metric, asked)]
    counted = ["n", "n_censored", *left_out]
    values: dict[str, int | str] = {}
    parts = []
    for number, part in enumerate(chosen.parts):
        statement = totals(part, asked)
        values |= statement.values
        own = [name if number == metric.n_of else f"0 as {name}" for name in counted]
        sides = ["numerator", "cast(null as bigint) as denominator"]
        if number == 1:
            sides = [f"{none_above} as numerator", "numerator as denominator"]
        body = statement.text.replace("\n", "\n    ")
        columns = ", ".join([*asked.groups, *sides, *own])
        parts.append(f"  select {columns} from (\n    {body}\n  ) as part_{number}")  # noqa: S608
    sums = [f"cast(sum({name}) as bigint) as {name}" for name in ("numerator", "denominator", *counted)]
    lines = [
        "with parts as (",
        "\n  union all\n".join(parts),
        "),",
        "totals as (",
        "  select\n    " + ",\n    ".join([*asked.groups, *sums]),
        "  from parts",
        *([f"  group by {', '.join(asked.groups)}"] if asked.groups else []),
        ")",
        f"select totals.*, {_value(metric)} as value",
        "from totals",
        *_order(asked.groups),
    ]
    return Template("\n".join(lines), values)


def _row_number(metric: Metric) -> str:
    return "case when row_value then 1 else 0 end" if metric.kind is Kind.SHARE else "row_value"


def _aggregates(metric: Metric, asked: Request) -> list[str]:
    used = f"row_status = '{USED}'"
    numerator, denominator = _parts(metric, used)
    counts = [f"{_n_rows(metric, reason)} as excluded_{reason}" for reason in reasons(metric, asked)]
    extra = {
        Kind.QUANTILE: f"percentile_cont({metric.quantile}) within group (order by row_value) "
        f"filter (where {used}) as raw_value",
        Kind.MAXIMUM: f"max(row_value) filter (where {used}) as raw_value",
        Kind.WEIGHTED: f"min(row_value) filter (where {used} and weight_all > 0 "
        f"and weight_to * 1000 >= weight_all * {round(metric.quantile * 1000)}) as raw_value",
        Kind.SURVIVAL: f"min(row_value) filter (where {used} and n_ended > 0 and log_left <= "
        f"ln({1000 - round(metric.quantile * 1000)} / 1000) + 1 / 1000000000000) as raw_value",
    }.get(metric.kind)
    is_survival = metric.kind is Kind.SURVIVAL
    censored = _sum("n_rows - n_ended", USED) if is_survival else _n_rows(metric, CENSORED)
    return [
        f"{numerator} as numerator",
        f"{denominator} as denominator",
        f"{_n_rows(metric, USED)} as n",
        f"{censored} as n_censored",
        *counts,
        *([extra] if extra else []),
    ]


def _n_rows(metric: Metric, status: str) -> str:
    """How many rows have a status; Kaplan-Meier has counted those of equal value together."""
    if metric.kind is Kind.SURVIVAL:
        return _sum("n_rows", status)
    return f"count(*) filter (where row_status = '{status}')"


def _sum(expression: str, status: str) -> str:
    return f"cast(coalesce(sum({expression}) filter (where row_status = '{status}'), 0) as bigint)"


def _parts(metric: Metric, used: str) -> tuple[str, str]:
    total = f"cast(sum(row_value) filter (where {used}) as bigint)"
    count = f"count(*) filter (where {used})"
    missing = "cast(null as bigint)"
    match metric.kind:
        case Kind.COUNT:
            return f"coalesce({total}, 0)", missing
        case Kind.SHARE:
            return f"count(*) filter (where {used} and row_value)", count
        case Kind.RATIO:
            return total, f"cast(sum(row_weight) filter (where {used}) as bigint)"
        case Kind.MEAN:
            return total, count
        case _:
            return missing, missing


def _value(metric: Metric) -> str:
    match metric.kind:
        case Kind.COUNT:
            return f"numerator / {metric.divisor}"
        case Kind.SHARE | Kind.RATIO | Kind.MEAN | Kind.DERIVED:
            above = "numerator" if metric.multiplier == 1 else f"(numerator * {metric.multiplier})"
            below = "denominator" if metric.divisor == 1 else f"(denominator * {metric.divisor})"
            return f"{above} / nullif({below}, 0)"
        case _:
            return f"raw_value / {metric.divisor}"


def _order(names: tuple[str, ...]) -> list[str]:
    return ["order by " + ", ".join(f"{name} nulls last" for name in names)] if names else []
