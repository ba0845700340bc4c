"""``staffcast forecast evaluate``: the table, and one line for what cannot be read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from staffcast.core.errors import ConfigError, ForecastError, SourceError
from staffcast_cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

START = datetime.fromisoformat("2026-06-01T09:00")


def counts(n_weeks: int = 10) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    times = [
        START + timedelta(weeks=week, days=day, hours=hour)
        for week in range(n_weeks)
        for day in range(5)
        for hour in range(6)
    ]
    return pl.DataFrame({"ds": times, "y": rng.poisson(8, len(times))})


def test_table(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    counts().write_csv(path)
    done = CliRunner().invoke(
        app, ["forecast", "evaluate", str(path), "--country", "de/by", "--hours", "mon-fri 9-15", "-f", "csv"]
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0].startswith("model,horizon,wape")
    assert sum(line.startswith("staffcast,") for line in done.stdout.splitlines()) == 3
    assert "worst: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["absent.csv"], SourceError, "no such file"),
        (["{file}", "--country", "XX"], ForecastError, "country 'XX'"),
        (["{file}", "--hours", "always"], ConfigError, "no span"),
        (["{file}", "--hours", "someday 9-17"], ConfigError, "unknown weekday"),
    ],
)
def test_refusals(tmp_path: Path, arguments: list[str], error: type[Exception], words: str) -> None:
    path = tmp_path / "calls.csv"
    counts(4).write_csv(path)
    done = CliRunner().invoke(app, ["forecast", "evaluate", *(text.format(file=path) for text in arguments)])
    assert isinstance(done.exception, error)
    assert words in str(done.exception)


def test_plots_are_one_page_that_loads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    counts().write_csv(path)
    done = CliRunner().invoke(app, ["forecast", "evaluate", str(path), "--plots", str(tmp_path / "plots")])
    assert done.exit_code == 0, done.output
    html = (tmp_path / "plots" / "backtest.html").read_text(encoding="utf-8")
    assert html.count('<figure role="img"') == 3
    assert "calls.csv" in html
    own = re.sub(r"<script>.*?</script>", "", html, count=1, flags=re.DOTALL)  # plotly itself
    assert not re.search(r"""(src|href)=["']?https?:""", own)
    refused = CliRunner().invoke(app, ["forecast", "evaluate", str(path), "--plots", str(path / "in a file")])
    assert "cannot create" in str(refused.exception)


def test_a_constant_desk_is_judged_without_dividing_by_its_error(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    counts().with_columns(y=pl.lit(7)).write_csv(path)
    done = CliRunner().invoke(app, ["forecast", "evaluate", str(path), "-f", "table"])
    assert done.exit_code == 0, done.output
    assert "2 weeks ahead the error is no better than that of the better" in done.output
    assert "nan" not in done.output


def test_an_audit_adds_sarimax(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    counts(6).write_csv(path)
    done = CliRunner().invoke(app, ["forecast", "evaluate", str(path), "--audit", "-f", "csv"])
    assert done.exit_code == 0, done.output
    assert sum(line.startswith("sarimax,") for line in done.stdout.splitlines()) == 3


def test_silence_is_said(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    is_late = pl.col("ds") > datetime.fromisoformat("2026-07-27T00:00")
    counts().with_columns(y=pl.when(is_late).then(0).otherwise("y")).write_csv(path)
    done = CliRunner().invoke(app, ["forecast", "evaluate", str(path), "-f", "csv"])
    assert done.exit_code == 0, done.output
    assert "left out of the fits: 2026-07-27 to 2026-08-07: no contact where" in done.stderr
