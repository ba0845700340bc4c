"""A published desk of two weeks that the reports of an argument are made of."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import resolve
from staffcast.reports.session import open_session
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_sample_data import generate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.reports.session import Session

NOW = datetime(2026, 11, 16, tzinfo=UTC)


def publish(data_dir: Path, **flags: object) -> None:
    """Build and publish the facts of what was loaded."""
    with Warehouse.open(data_dir) as warehouse:
        defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
        build(warehouse, resolve(data=defaults, flags=flags)[0], now=NOW)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    export, folder = tmp_path_factory.mktemp("export"), tmp_path_factory.mktemp("data")
    generate(export, days=14, seed=3, scale=0.25)
    ingest([export], data_dir=folder)
    publish(folder)
    return folder


@pytest.fixture(scope="session")
def session(data_dir: Path) -> Iterator[Session]:
    opened = open_session(flags={"data_dir": data_dir})
    yield opened
    opened.reader.close()


@pytest.fixture(scope="session")
def guarded_dir(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same desk under the works-council profile."""
    folder = tmp_path_factory.mktemp("guarded") / "data"
    shutil.copytree(data_dir, folder)
    publish(folder, works_council="on", min_group=4)
    return folder


@pytest.fixture(scope="session")
def guarded(guarded_dir: Path) -> Iterator[Session]:
    opened = open_session(flags={"data_dir": guarded_dir})
    yield opened
    opened.reader.close()
