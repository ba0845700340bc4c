"""Running the command line in this process, on a small desk that is loaded once."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from staffcast.core.config import resolve
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse
from staffcast_cli.main import run
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_sample_data import generate

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


class Staffcast(Protocol):
    """Runs the command line."""

    def __call__(self, *arguments: str | Path) -> Done: ...


@pytest.fixture
def staffcast(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Staffcast:
    """The command line, in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STAFFCAST_DATA_DIR", raising=False)

    def call(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["staffcast", *map(str, arguments)])
        code = 0
        try:
            run()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interchange folder of three days."""
    folder = tmp_path_factory.mktemp("export")
    generate(folder, days=3, seed=5, scale=0.2)
    return folder


@pytest.fixture(scope="session")
def desk(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with that export, built and published."""
    data_dir = tmp_path_factory.mktemp("desk")
    ingest([export], data_dir=data_dir)
    with Warehouse.open(data_dir) as warehouse:
        defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
        settings, _ = resolve(data=defaults)
        build(warehouse, settings, now=datetime(2026, 11, 16, tzinfo=UTC))
    return data_dir
