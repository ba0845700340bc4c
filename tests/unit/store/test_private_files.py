"""What customers wrote is for the owner of the files alone."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from staffcast.core.errors import WarehouseError
from staffcast.store.generations import current_generation, publish
from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_files_and_folder_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Warehouse.open(folder, create=True) as warehouse:
        generation = publish(warehouse, ["messages"], now=datetime(2026, 11, 16, tzinfo=UTC))
    modes = [path.stat().st_mode & 0o077 for path in (folder, warehouse.path, generation.path)]
    assert modes == [0, 0, 0]


def test_a_pointer_leads_nowhere_else(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path / "data", create=True) as warehouse:
        publish(warehouse, ["messages"], now=datetime(2026, 11, 16, tzinfo=UTC))
    pointer = tmp_path / "data" / "generations" / "current.json"
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"file": "../../gen-000001.duckdb"}))
    with pytest.raises(WarehouseError, match="damaged"):
        current_generation(tmp_path / "data")
