"""Which rows of a fact a question is about, and what becomes of each: used, censored or left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from staffcast.core.enums import Clock
from staffcast.core.errors import MetricError
from staffcast.metrics.loader import own_dimensions
from staffcast.metrics.record import Kind
from staffcast.metrics.request import GRAIN_LABELS, TAG, column_of

if TYPE_CHECKING:
    from staffcast.metrics.options import Chosen
    from staffcast.metrics.record import Duration, Metric
    from staffcast.metrics.request import Request, Value

__all__ = ["CENSORED", "NO_CALENDAR", "NO_VALUE", "USED", "classified", "parameters", "reasons"]

USED = "used"
CENSORED = "censored"
NO_VALUE = "no_value"
NO_CALENDAR = "no_calendar"


def reasons(metric: Metric, asked: Request) -> tuple[str, ...]:
    """Reasons for which a row may be left out, in the order of judgement."""
    if metric.kind is Kind.DERIVED:
        return reasons(metric.parts[metric.n_of], asked)
    no_calendar = (NO_CALENDAR,) if asked.clock is Clock.BUSINESS and metric.clocks else ()
    return (*(reason for reason, _ in metric.exclusions), *no_calendar, NO_VALUE)


def classified(chosen: Chosen, asked: Request) -> str:
    """Common table expressions up to ``classified`` (or ``survived``): each row with its status."""
    metric = chosen.metric
    clocks = [f",\n    {_clock(duration, asked.clock)} as {duration.name}" for duration in metric.clocks]
    added = [f",\n    {text} as {name}" for name, text in own_dimensions().items() if name in asked.groups]
    conditions = "\n    and ".join(_conditions(metric, asked))
    cases = "\n".join(f"      when {test} then '{status}'" for status, test in _cases(metric, asked))
    is_weighted = metric.kind in {Kind.RATIO, Kind.WEIGHTED}
    weight = f",\n    {metric.denominator} as row_weight" if is_weighted else ""
    event = f",\n    {metric.event} as row_event" if metric.kind is Kind.SURVIVAL else ""
    return f"""with {_instants(asked) if metric.is_snapshot else ""}base as (
  select f.*{"".join(clocks)}{"".join(added)}{_joined_columns(metric, asked)}
  from {metric.fact} as f{_joins(metric, asked)}
  where {conditions}
),
classified as (
  select b.*,
    case
{cases}
      else '{USED}'
    end as row_status,
    {_row_expression(metric)} as row_value{weight}{event}
  from base as b
),{_last_step(metric, asked)}"""  # noqa: S608 - text of the catalogue and allow-listed columns; values are parameters


def _instants(asked: Request) -> str:
    """The ends of the periods that a snapshot is asked for, none of them after as_of."""
    labels = [f"local_{name} as snapshot_{name}" for name in _snapshot_labels(asked)]
    period = "\n    and s.local_date >= :period_from and s.local_date < :period_to" if asked.period else ""
    groups = ", ".join(f"local_{name}" for name in _snapshot_labels(asked))
    return f"""slot_ends as (
  select {", ".join([*labels, "max(s.slot_at_us) + 900000000 as end_us, min(a.as_of_us) as as_of_us"])}
  from dim_slot as s
  cross join (select cast(value as bigint) as as_of_us from build_info where key = 'as_of_us') as a
  where s.queue = '' and s.slot_at_us <= a.as_of_us{period}{f"{chr(10)}  group by {groups}" if groups else ""}
),
instants as (
  select e.*, case when end_us < as_of_us then end_us else as_of_us end as at_us
  from slot_ends as e
),
"""  # noqa: S608 - labels of the grain; the period is a parameter


def _snapshot_labels(asked: Request) -> tuple[str, ...]:
    return GRAIN_LABELS[asked.grain] if asked.grain else ()


def _joined_columns(metric: Metric, asked: Request) -> str:
    columns = ["t.tag"] if TAG in asked.groups else []
    if metric.is_snapshot:
        columns += [f"i.snapshot_{name}" for name in _snapshot_labels(asked)]
        columns.append("i.at_us")
    return "".join(f",\n    {column}" for column in columns)


def _joins(metric: Metric, asked: Request) -> str:
    instants = """
  join instants as i on f.from_at_us <= i.at_us and (f.until_at_us is null or f.until_at_us > i.at_us)"""
    tags = "\n  left join bridge_tag as t on t.conversation_key = f.conversation_key"
    return (instants if metric.is_snapshot else "") + (tags if TAG in asked.groups else "")


def _last_step(metric: Metric, asked: Request) -> str:
    match metric.kind:
        case Kind.SURVIVAL:
            return _survived(metric, asked)
        case Kind.WEIGHTED:
            return _weighted(metric, asked)
        case _:
            return ""


def _weighted(metric: Metric, asked: Request) -> str:
    """Adds to each row the weight of the rows with at most its value, and that of all."""
    groups = [column_of(metric, name)[0] for name in asked.groups]
    same = ", ".join([*groups, "row_status"])
    return f"""
weighted as (
  select c.*,
    sum(row_weight) over (
      partition by {same} order by row_value rows between unbounded preceding and current row
    ) as weight_to,
    sum(row_weight) over (partition by {same}) as weight_all
  from classified as c
),"""  # noqa: S608 - allow-listed columns


def _survived(metric: Metric, asked: Request) -> str:
    """Counts rows of equal value together; adds the logarithm of the share that outlasts each value.

    Of the rows that last at least so long, those that end there are left out: a product over all values.
    """
    groups = [column_of(metric, name)[0] for name in asked.groups]
    same = ", ".join([*groups, "row_status"])
    return f"""
tallied as (
  select {same}, row_value, count(*) as n_rows, count(*) filter (where row_event) as n_ended
  from classified
  group by {same}, row_value
),
ranked as (
  select t.*,
    sum(n_rows) over (
      partition by {same} order by row_value desc rows between unbounded preceding and current row
    ) as n_left
  from tallied as t
),
survived as (
  select r.*,
    sum(
      case
        when n_ended = 0 then 0
        when n_left > n_ended then ln((n_left - n_ended) / nullif(n_left, 0))
        else -1000
      end
    ) over (
      partition by {same} order by row_value rows between unbounded preceding and current row
    ) as log_left
  from ranked as r
),"""  # noqa: S608 - allow-listed columns


def _cases(metric: Metric, asked: Request) -> list[tuple[str, str]]:
    cases = list(metric.exclusions)
    if NO_CALENDAR in reasons(metric, asked):
        missing = (f"({d.name} is null and {d.calendar} is not null)" for d in metric.clocks)
        cases.append((NO_CALENDAR, " or ".join(missing)))
    if metric.censored:
        cases.append((CENSORED, metric.censored))
    empty = f"({_row_expression(metric)}) is null"
    cases.append((NO_VALUE, f"{empty} or {metric.denominator} is null" if metric.denominator else empty))
    return cases


def _conditions(metric: Metric, asked: Request) -> list[str]:
    conditions = []
    if not metric.is_snapshot:
        date_column, _ = column_of(metric, "date")
        conditions.append(f"f.{date_column} is not null")
        if asked.period:
            conditions.append(f"f.{date_column} >= :period_from and f.{date_column} < :period_to")
    if metric.filter:
        conditions.append(f"({metric.filter})")
    for position, (name, values) in enumerate(asked.where):
        conditions.append(_condition(metric, asked, name, values, f"where_{position}"))
    return conditions or ["1 = 1"]


def _condition(metric: Metric, asked: Request, name: str, values: tuple[Value, ...], prefix: str) -> str:
    column, _ = column_of(metric, name)
    if name in own_dimensions():
        return _membership(f"({own_dimensions()[name]})", values, prefix)
    if name != TAG:
        return _membership(f"f.{column}", values, prefix)
    if TAG in asked.groups:
        return _membership("t.tag", values, prefix)
    tests = [
        f"f.conversation_key in (select t.conversation_key from bridge_tag as t where {wanted})"  # noqa: S608
        for wanted in _in_list("t.tag", values, prefix)
    ]
    if None in values:
        tests.append(
            "f.conversation_key is null"
            " or f.conversation_key not in (select t.conversation_key from bridge_tag as t)"
        )
    return "(" + " or ".join(tests or ["1 = 0"]) + ")"


def _membership(column: str, values: tuple[Value, ...], prefix: str) -> str:
    tests = _in_list(column, values, prefix) + ([f"{column} is null"] if None in values else [])
    return "(" + " or ".join(tests or ["1 = 0"]) + ")"


def _in_list(column: str, values: tuple[Value, ...], prefix: str) -> list[str]:
    names = ", ".join(f":{prefix}_{i}" for i, value in enumerate(values) if value is not None)
    return [f"{column} in ({names})"] if names else []


def parameters(chosen: Chosen, asked: Request) -> dict[str, int | str]:
    """Values of the parameters in the statement: options, period and filters."""
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


def _clock(duration: Duration, clock: Clock | None) -> str:
    match clock:
        case Clock.BUSINESS:
            return f"f.{duration.business}"
        case Clock.CALENDAR:
            return f"f.{duration.calendar}"
        case None:
            usual = f"coalesce(f.{duration.business}, f.{duration.calendar})"
            if not duration.calendar_if:
                return usual
            return f"case when {duration.calendar_if} then f.{duration.calendar} else {usual} end"


def _row_expression(metric: Metric) -> str:
    return metric.value or metric.numerator or "1"
