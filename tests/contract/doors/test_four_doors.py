"""Python, the command line, the dashboard and the printed SQL give bit-identical numbers."""

from __future__ import annotations

import csv
import io
import random
import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.config import resolve
from staffcast.metrics import Kind, catalogue, dimensions_of, explain, metric, options_from_settings, query
from staffcast.reports import kpi_report
from staffcast.reports.session import open_session
from staffcast.reports.tiles import tiles
from staffcast.reports.wording import format_value
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse
from staffcast_cli.main import run
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_sample_data import packaged_sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.reports.session import Session

METRICS = [record.id for record in catalogue()]
GROUPS = ("queue", "language", "topic", "mode", "hour", "weekday", "agent_id", "tier")
N_QUESTIONS = 40
LAST_DAY = date(2026, 10, 27)
"""The packaged sample ends with this day."""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doors")
    ingest([packaged_sample()], data_dir=folder)
    with Warehouse.open(folder) as warehouse:
        defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
        build(warehouse, resolve(data=defaults)[0], now=datetime(2026, 11, 16, tzinfo=UTC))
    return folder


@pytest.fixture(scope="module")
def session(data_dir: Path) -> Iterator[Session]:
    opened = open_session(flags={"data_dir": data_dir, "min_n": 0})
    yield opened
    opened.reader.close()


def question(seed: int, session: Session) -> dict[str, Any]:
    """A random metric with random groups, filter and period."""
    rng = random.Random(seed)  # noqa: S311 - a seed, not a secret
    name = rng.choice(METRICS)
    fitting = [group for group in GROUPS if group in dimensions_of(metric(name))]
    by = tuple(rng.sample(fitting, k=min(rng.choice((0, 1, 1, 2)), len(fitting))))
    where: dict[str, list[str]] = {}
    named = [group for group in fitting if group not in ("hour", "weekday")]
    if named and rng.random() < 0.6:
        column = rng.choice(named)
        values = [
            value
            for (value,) in session.reader.query(
                f"select distinct {column} from {metric(name).fact} where {column} is not null order by 1"
            ).iter_rows()
        ]
        where = {column: rng.sample(values, k=min(2, len(values)))} if values else {}
    start = LAST_DAY - timedelta(days=rng.randint(1, 3))
    return {"metric": name, "by": by, "where": where, "from": start, "to": LAST_DAY}


def python_rows(session: Session, asked: dict[str, Any]) -> list[dict[str, Any]]:
    return query(
        session.reader,
        asked["metric"],
        by=asked["by"],
        where=asked["where"],
        period=(asked["from"], asked["to"] + timedelta(days=1)),
        options=options_from_settings(session.settings),
    ).to_dicts()


@pytest.mark.parametrize("seed", range(N_QUESTIONS))
def test_every_door_gives_the_same_bits(
    seed: int,
    session: Session,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = question(seed, session)
    expected = python_rows(session, asked)

    arguments = ["report", asked["metric"], "-d", str(data_dir), "-f", "csv"]
    arguments += ["--from", str(asked["from"]), "--to", str(asked["to"])]
    for group in asked["by"]:
        arguments += ["--by", group]
    for name, values in asked["where"].items():
        for value in values:
            arguments += ["--where", f"{name}={value}"]
    monkeypatch.setenv("STAFFCAST_MIN_N", "0")
    monkeypatch.setattr(sys, "argv", ["staffcast", *arguments])
    with pytest.raises(SystemExit) as end:
        run()
    assert not end.value.code
    printed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(printed) == len(expected)
    for row, cli in zip(expected, printed, strict=True):
        for field in ("value", "ci_low", "ci_high"):
            assert (float(cli[field]) if cli[field] else None) == row[field]
        for field in ("numerator", "denominator", "n", "n_censored"):
            assert (int(cli[field]) if cli[field] else None) == row[field]
        assert cli["definition_hash"] == row["definition_hash"]

    explained = explain(
        asked["metric"],
        by=asked["by"],
        where=asked["where"],
        period=(asked["from"], asked["to"] + timedelta(days=1)),
        options=options_from_settings(session.settings),
    )
    by_key = {tuple(row[group] for group in asked["by"]): row for row in expected}
    for row in session.reader.query(explained.sql).to_dicts():
        mine = by_key[tuple(row[group] for group in asked["by"])]
        if mine["null_reason"] is None:
            assert row["value"] == mine["value"]
            assert row.get("numerator") == mine["numerator"]
        assert row["n"] == mine["n"]


def test_the_questions_have_answers(session: Session) -> None:
    answered = sum(
        any(row["value"] is not None for row in python_rows(session, question(seed, session)))
        for seed in range(N_QUESTIONS)
    )
    assert answered > 0.7 * N_QUESTIONS


def test_tiles_of_the_dashboard_show_the_same_values(session: Session) -> None:
    shown = tiles(session.reader, session.settings)
    names = tuple(tile.metric for tile in shown)
    rows = kpi_report(session.reader, session.settings, metrics=names).rows.to_dicts()
    for tile, row in zip(shown, rows, strict=True):
        if row["null_reason"] is None:
            assert tile.value == format_value(row["value"], row["unit"])


@pytest.mark.parametrize("name", [record.id for record in catalogue() if record.kind is Kind.COUNT])
def test_totals_are_the_sum_of_parts(session: Session, name: str) -> None:
    options = options_from_settings(session.settings)
    for group in ("queue", "hour", "agent_id"):
        if group in dimensions_of(metric(name)):
            parts = query(session.reader, name, by=group, options=options)["numerator"].sum()
            [whole] = query(session.reader, name, options=options)["numerator"].to_list()
            assert parts == whole
