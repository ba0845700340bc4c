"""Whatever a test feeds the desk, the next good file loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.contract.pipelines.hostile_desk import Desk, csv_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk that must still work after the test."""
    desk = Desk(tmp_path)
    yield desk
    row = ("good", "good", "2026-11-03T09:00:00Z", "customer", "", "hello")
    load = desk.load("messages-good.csv", csv_text(row))
    assert (load.n_new, load.n_quarantined) == (1, 0)
