"""What the pages show, computed once for each published generation and question."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import polars as pl
import streamlit as st

from staffcast.core.config import CONFIG_FILE, resolve
from staffcast.core.errors import ForecastError
from staffcast.forecasting import (
    CALIBRATION_SCHEMA,
    VolumeForecast,
    calibration_frame,
    evaluate_series,
    summed,
)
from staffcast.metrics import dimensions_of, explain, options_from_settings
from staffcast.planning import (
    Assumptions,
    Inputs,
    Plan,
    fan_frame,
    knowledge_of,
    ledger_size,
    make_plan,
    past_volume,
    plan_inputs,
)
from staffcast.reports import DataRange, daily_service, data_range, kpi_report, reporting_period
from staffcast.reports.changes import biggest_changes
from staffcast.reports.hours import HourMap, arrivals_by_hour
from staffcast.reports.session import Session, open_session
from staffcast.reports.tiles import Tile, tiles
from staffcast.store.generations import current_generation

if TYPE_CHECKING:
    from collections.abc import Callable

    from staffcast.metrics import Explanation, Metric
    from staffcast.reports import KpiReport
    from staffcast.store.generations import Reader

__all__ = [
    "MOST_CHATS",
    "Data",
    "Question",
    "View",
    "calibration",
    "changes",
    "coverage",
    "daily",
    "fan",
    "figures",
    "fitting",
    "hours",
    "inputs",
    "key_figures",
    "parts",
    "plan",
    "published",
    "published_number",
    "rows_behind",
    "story",
]

MOST_CHATS = 6
"""Highest concurrency limit that the what-if offers."""

NO_CALIBRATION = pl.DataFrame(schema=CALIBRATION_SCHEMA)

TIME_LIMIT_S = 20.0
"""Who looks at a page does not wait longer for one of its queries."""


class _Arguments(TypedDict):
    where: dict[str, str | list[str]]
    from_date: str
    to_date: str


@dataclass(frozen=True)
class Question:
    """What a page is asked for.

    Attributes:
        from_date: First local date, ISO.
        to_date: Last local date, ISO, included.
        where: Dimension and chosen values; a dimension without a choice is not in it.
    """

    from_date: str
    to_date: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def words(self) -> str:
        """The period, and what changes are measured against.

        Example:
            >>> Question("2026-11-02", "2026-11-15").words()
            '2 Nov to 15 Nov 2026 · against the 14 days before'
        """
        n_days = (date.fromisoformat(self.to_date) - date.fromisoformat(self.from_date)).days + 1
        before = "the day before" if n_days == 1 else f"the {n_days} days before"
        return f"{self.period()} · against {before}"

    def period(self) -> str:
        """The period alone."""
        first, last = date.fromisoformat(self.from_date), date.fromisoformat(self.to_date)
        return f"{first.day} {first:%b} to {last.day} {last:%b %Y}"

    def arguments(self) -> _Arguments:
        """The question as the report tables take it."""
        return {
            "where": {name: list(values) for name, values in self.where},
            "from_date": self.from_date,
            "to_date": self.to_date,
        }


@dataclass(frozen=True)
class View:
    """One metric, split by a dimension and cut into periods, or not."""

    metric: str
    by: str | None = None
    grain: str | None = None


@dataclass(frozen=True)
class Data:
    """A published generation as the pages know it.

    Attributes:
        session: Reader and settings.
        key: Tells this generation from every other; caches are kept by it.
    """

    session: Session
    key: str


_BY_KEY: dict[str | type[Any], Callable[[Any], Any]] = {Data: attrgetter("key")}


def published() -> Data:
    """The current generation; another one is opened once it is published.

    Raises:
        WarehouseError: There is none, or it cannot be read.
        ConfigError: A setting is unknown or malformed.
    """
    data_dir = _data_dir()
    generation = current_generation(data_dir)
    stamp = f"{generation.number} {generation.published_at}" if generation else "none"
    stamp += f" {ledger_size(data_dir)}"  # overrides and days to keep change the forecast
    return _open(str(data_dir), stamp)


def published_number() -> int:
    """Number of the current generation, 0 for none."""
    generation = current_generation(_data_dir())
    return generation.number if generation else 0


@st.cache_data(show_spinner=False, max_entries=8, hash_funcs=_BY_KEY)
def coverage(data: Data) -> DataRange:
    """What the data cover."""
    return data_range(data.session.reader)


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_KEY)
def parts(data: Data, dimension: str) -> list[str]:
    """Every value of a dimension in the data, sorted."""
    covered = coverage(data)
    report = kpi_report(
        data.session.reader,
        data.session.settings,
        metrics=("conversations",),
        by=(dimension,),
        from_date=(covered.first_date or covered.end_date).isoformat(),
        to_date=covered.end_date.isoformat(),
    )
    return sorted(value for value in report.rows[dimension] if value is not None)


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_KEY)
def key_figures(data: Data, question: Question) -> tuple[Tile, ...]:
    """The tiles of a period."""
    return tiles(data.session.reader, data.session.settings, **question.arguments())


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_KEY)
def daily(data: Data, question: Question) -> pl.DataFrame:
    """Volume and service level by day."""
    return daily_service(data.session.reader, data.session.settings, **question.arguments())


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_KEY)
def hours(data: Data, question: Question) -> HourMap:
    """Arrivals by hour of the week."""
    return arrivals_by_hour(data.session.reader, data.session.settings, **question.arguments())


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_KEY)
def changes(data: Data, question: Question) -> pl.DataFrame:
    """The clearest changes against the period before."""
    return biggest_changes(data.session.reader, data.session.settings, **question.arguments())


def fitting(question: Question, record: Metric) -> tuple[Question, list[str]]:
    """The question without filters that a metric does not know, and the names of these."""
    known = dimensions_of(record)
    where = tuple((name, values) for name, values in question.where if name in known)
    return replace(question, where=where), [name for name, _ in question.where if name not in known]


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_KEY)
def figures(data: Data, question: Question, view: View) -> KpiReport:
    """A metric of the catalogue."""
    return kpi_report(
        data.session.reader,
        data.session.settings,
        metrics=(view.metric,),
        by=(view.by,) if view.by else (),
        grain=view.grain,
        **question.arguments(),
    )


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_KEY)
def story(data: Data, question: Question, view: View) -> Explanation:
    """What the metric means, and its SQL."""
    return _explained(data, question, view, None)


def rows_behind(data: Data, question: Question, view: View) -> pl.DataFrame:
    """The rows that were counted and those that were left out."""
    found = _explained(data, question, view, data.session.reader).rows
    return pl.DataFrame() if found is None else found


def _explained(data: Data, question: Question, view: View, reader: Reader | None) -> Explanation:
    period = reporting_period(coverage(data), from_date=question.from_date, to_date=question.to_date)
    return explain(
        view.metric,
        by=(view.by,) if view.by else (),
        where={name: list(values) for name, values in question.where},
        period=period,
        grain=view.grain,
        options=options_from_settings(data.session.settings, {}),
        reader=reader,
    )


@st.cache_resource(show_spinner=False, max_entries=2, hash_funcs=_BY_KEY)
def inputs(data: Data) -> Inputs:
    """Forecast and calibration, which all plans of a generation share."""
    return plan_inputs(data.session.reader, data.session.settings, longest_limit=MOST_CHATS)


@st.cache_data(show_spinner=False, max_entries=32, hash_funcs=_BY_KEY)
def fan(data: Data, queue: str | None) -> pl.DataFrame:
    """The last weeks and the coming days of a queue, or of all; from the paths that plans rest on."""
    basis = inputs(data)
    paths = {name: np.asarray(own, dtype=np.float64) for name, own in basis.paths.items()}
    forecast = VolumeForecast(basis.volume, paths, {}, {})
    return fan_frame(data.session.reader, forecast, queue=queue)


@st.cache_data(show_spinner="back-testing the forecast", max_entries=32, hash_funcs=_BY_KEY)
def calibration(data: Data, queue: str | None) -> pl.DataFrame:
    """How honest past intervals of a queue, or of all together, have been; empty where history is short."""
    settings = data.session.settings
    known = knowledge_of(settings)
    calendar = known.calendar if queue is None else known.calendar.of_queue(queue)
    keep = () if queue is None else known.kept.get(queue, ())
    try:
        past = past_volume(data.session.reader, settings=settings)
        series = summed(list(past.values())) if queue is None else past.get(queue)
        return calibration_frame(evaluate_series(series, calendar, keep=keep)) if series else NO_CALIBRATION
    except ForecastError:
        return NO_CALIBRATION


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=_BY_KEY)
def plan(data: Data, assumptions: Assumptions) -> Plan:
    """The plan of the coming week under assumptions."""
    return make_plan(inputs(data), assumptions)


def _data_dir() -> Path:
    settings, _ = resolve(environment=os.environ, config_file=_config_file())
    return settings.data_dir.absolute()


def _config_file() -> Path | None:
    path = Path(CONFIG_FILE)
    return path if path.exists() else None


# A reader that falls out of the cache is closed once the last page that still uses it lets it go.
@st.cache_resource(show_spinner=False, max_entries=2)
def _open(data_dir: str, stamp: str) -> Data:
    session = open_session(
        flags={"data_dir": data_dir},
        environment=os.environ,
        config_file=_config_file(),
        time_limit_s=TIME_LIMIT_S,
    )
    return Data(session, f"{data_dir} {stamp}")
