"""From a metric and a question to one portable SQL statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from staffcast.core.enums import Clock
from staffcast.core.errors import MetricError
from staffcast.metrics.record import Kind
from staffcast.metrics.request import column_of
from staffcast.metrics.template import Template
from staffcast.store.facts import fact_table

if TYPE_CHECKING:
    from staffcast.metrics.options import Chosen
    from staffcast.metrics.record import Metric
    from staffcast.metrics.request import Request, Value

__all__ = [
    "CENSORED", "NO_CALENDAR", "NO_VALUE", "USED", "agents", "clusters", "reasons", "row_columns", "rows",
    "totals",
]  # fmt: skip

USED = "used"
CENSORED = "censored"
NO_VALUE = "no_value"
NO_CALENDAR = "no_calendar"

_WORKERS = """
  join (
    select conversation_key, agent_id from fact_leg
    union all
    select conversation_key, agent_id from fact_turn
  ) as w on w.conversation_key = c.conversation_key"""
"""Who worked on a conversation: those who held it and those who replied."""


def totals(chosen: Chosen, asked: Request) -> Template:
    """The statement with one row a group: numerator, denominator, counts of rows left out, value."""
    metric = chosen.metric
    columns = [(column_of(metric, name)[0], name) for name in asked.groups]
    selected = [f"{column} as {name}" for column, name in columns] + _aggregates(metric, asked)
    lines = [
        _classified(chosen, asked),
        "totals as (",
        "  select\n    " + ",\n    ".join(selected),
        "  from classified",
        *([f"  group by {', '.join(column for column, _ in columns)}"] if columns else []),
        ")",
        f"select totals.*, {_value(metric)} as value",
        "from totals",
        *_order(asked.groups),
    ]
    return Template("\n".join(lines), _parameters(chosen, asked))


def rows(
    chosen: Chosen, asked: Request, *, columns: tuple[str, ...] = (), only_used: bool = True
) -> Template:
    """The statement with the rows behind the number: groups, ``columns``, status and value of each."""
    metric = chosen.metric
    groups = [f"{column_of(metric, name)[0]} as {name}" for name in asked.groups]
    lines = [
        _classified(chosen, asked),
        f"select {', '.join([*groups, *columns, 'row_status', f'{_row_number(metric)} as row_value'])}",
        "from classified",
        *([f"where row_status = '{USED}'"] if only_used else []),
        *_order(asked.groups + columns),
    ]
    return Template("\n".join(lines), _parameters(chosen, asked))


def clusters(chosen: Chosen, asked: Request) -> Template:
    """The statement with the hits and the size of each cluster: what the interval of a share needs."""
    metric = chosen.metric
    groups = [f"{column_of(metric, name)[0]} as {name}" for name in asked.groups]
    cluster = fact_table(metric.fact).cluster
    keys = ", ".join([*(column_of(metric, name)[0] for name in asked.groups), cluster])
    lines = [
        _classified(chosen, asked),
        f"select {', '.join([*groups, f'sum({_row_number(metric)}) as hits', 'count(*) as size'])}",
        f"from classified where row_status = '{USED}'",
        f"group by {keys}",
        f"order by {keys}",
    ]
    return Template("\n".join(lines), _parameters(chosen, asked))


def agents(chosen: Chosen, asked: Request) -> Template:
    """The statement with the agents behind each group, on the day with most: of used rows, and of all.

    Under the works-council profile an agent's label begins with its day and is good for that day only.
    """
    metric = chosen.metric
    is_own = "agent_id" in {name for name, _ in fact_table(metric.fact).all_columns}
    worker = "c.agent_id as worker" if is_own else "w.agent_id as worker"
    groups = [f"c.{column_of(metric, name)[0]} as {name}" for name in asked.groups]
    used = f"count(distinct case when row_status = '{USED}' then worker end) as n_used"
    lines = [
        _classified(chosen, asked),
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
    return Template("\n".join(lines), _parameters(chosen, asked))


def row_columns(metric: Metric, asked: Request) -> tuple[str, ...]:
    """Columns that identify a row of the metric's fact: its keys, or agent and begin of the stretch."""
    names = [column.name for column in fact_table(metric.fact).columns]
    keys = [name for name in names if name.endswith("_key") and name != "customer_key"]
    found = keys or [name for name in ("agent_id", "segment_at_us") if name in names]
    return tuple(name for name in found if name not in asked.groups)


def reasons(metric: Metric, asked: Request) -> tuple[str, ...]:
    """Reasons for which a row may be left out, in the order of judgement."""
    no_calendar = (NO_CALENDAR,) if asked.clock is Clock.BUSINESS and metric.clocks else ()
    return (*(reason for reason, _ in metric.exclusions), *no_calendar, NO_VALUE)


def _classified(chosen: Chosen, asked: Request) -> str:
    metric = chosen.metric
    clocks = [f",\n    {_clock(*names[1:], asked.clock)} as {names[0]}" for names in metric.clocks]
    conditions = "\n    and ".join(_conditions(metric, asked))
    cases = "\n".join(f"      when {test} then '{status}'" for status, test in _cases(metric, asked))
    weight = f",\n    {metric.denominator} as row_weight" if metric.kind is Kind.RATIO else ""
    return f"""with base as (
  select f.*{"".join(clocks)}
  from {metric.fact} as f
  where {conditions}
),
classified as (
  select b.*,
    case
{cases}
      else '{USED}'
    end as row_status,
    {_row_expression(metric)} as row_value{weight}
  from base as b
),"""  # noqa: S608 - text of the catalogue and allow-listed columns; values are parameters


def _cases(metric: Metric, asked: Request) -> list[tuple[str, str]]:
    cases = list(metric.exclusions)
    if NO_CALENDAR in reasons(metric, asked):
        missing = (f"({name} is null and {calendar} is not null)" for name, _, calendar in metric.clocks)
        cases.append((NO_CALENDAR, " or ".join(missing)))
    if metric.censored:
        cases.append((CENSORED, metric.censored))
    empty = f"({_row_expression(metric)}) is null"
    cases.append((NO_VALUE, f"{empty} or {metric.denominator} is null" if metric.denominator else empty))
    return cases


def _conditions(metric: Metric, asked: Request) -> list[str]:
    date_column, _ = column_of(metric, "date")
    conditions = [f"f.{date_column} is not null"]
    if metric.filter:
        conditions.append(f"({metric.filter})")
    if asked.period:
        conditions.append(f"f.{date_column} >= :period_from and f.{date_column} < :period_to")
    for position, (name, values) in enumerate(asked.where):
        column, _ = column_of(metric, name)
        conditions.append(_membership(f"f.{column}", values, f"where_{position}"))
    return conditions


def _membership(column: str, values: tuple[Value, ...], prefix: str) -> str:
    names = ", ".join(f":{prefix}_{i}" for i, value in enumerate(values) if value is not None)
    tests = ([f"{column} in ({names})"] if names else []) + ([f"{column} is null"] if None in values else [])
    return "(" + " or ".join(tests or ["1 = 0"]) + ")"


def _parameters(chosen: Chosen, asked: Request) -> dict[str, int | str]:
    values: dict[str, int | str] = dict(chosen.parameters)
    if asked.period:
        values |= {"period_from": asked.period[0], "period_to": asked.period[1]}
    for position, (name, wanted) in enumerate(asked.where):
        _, sql_type = column_of(chosen.metric, name)
        for i, value in enumerate(wanted):
            if value is not None:
                values[f"where_{position}_{i}"] = _typed(name, sql_type, value)
    return values


def _typed(name: str, sql_type: str, value: object) -> int | str:
    """A filter's value in the type of its column; text from a command line may stand for a number."""
    if sql_type == "VARCHAR" and isinstance(value, str):
        return value
    if sql_type == "BIGINT" and re.fullmatch(r"-?[0-9]{1,18}", str(value)):
        return int(str(value))
    kind = "a text" if sql_type == "VARCHAR" else "a whole number"
    raise MetricError(f"{name} is compared with {kind}, not {value!r}")


def _clock(business: str, calendar: str, clock: Clock | None) -> str:
    match clock:
        case Clock.BUSINESS:
            return f"f.{business}"
        case Clock.CALENDAR:
            return f"f.{calendar}"
        case None:
            return f"coalesce(f.{business}, f.{calendar})"


def _row_expression(metric: Metric) -> str:
    return metric.value or metric.numerator or "1"


def _row_number(metric: Metric) -> str:
    return "case when row_value then 1 else 0 end" if metric.kind is Kind.SHARE else "row_value"


def _aggregates(metric: Metric, asked: Request) -> list[str]:
    used = f"row_status = '{USED}'"
    numerator, denominator = _parts(metric, used)
    counts = [
        f"count(*) filter (where row_status = '{reason}') as excluded_{reason}"
        for reason in reasons(metric, asked)
    ]
    extra = {
        Kind.QUANTILE: f"percentile_cont({metric.quantile}) within group (order by row_value) "
        f"filter (where {used}) as raw_value",
        Kind.MAXIMUM: f"max(row_value) filter (where {used}) as raw_value",
    }.get(metric.kind)
    return [
        f"{numerator} as numerator",
        f"{denominator} as denominator",
        f"count(*) filter (where {used}) as n",
        f"count(*) filter (where row_status = '{CENSORED}') as n_censored",
        *counts,
        *([extra] if extra else []),
    ]


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
        case Kind.SHARE | Kind.RATIO | Kind.MEAN:
            scaled = "denominator" if metric.divisor == 1 else f"(denominator * {metric.divisor})"
            return f"numerator / nullif({scaled}, 0)"
        case _:
            return f"raw_value / {metric.divisor}"


def _order(names: tuple[str, ...]) -> list[str]:
    return ["order by " + ", ".join(f"{name} nulls last" for name in names)] if names else []
