"""Whatever a test feeds the desk, the next good file loads."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.contract.pipelines.hostile_desk import Desk, csv_text

from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of empty tables."""
    folder = tmp_path_factory.mktemp("empty") / "data"
    Warehouse.open(folder, create=True).close()
    return folder


@pytest.fixture
def desk(tmp_path: Path, empty_warehouse: Path) -> Iterator[Desk]:
    """A desk that must still work after the test."""
    desk = Desk(tmp_path)
    shutil.copytree(empty_warehouse, desk.data_dir)
    yield desk
    row = ("good", "good", "2026-11-03T09:00:00Z", "customer", "", "hello")
    load = desk.load("messages-good.csv", csv_text(row))
    assert (load.n_new, load.n_quarantined) == (1, 0)
