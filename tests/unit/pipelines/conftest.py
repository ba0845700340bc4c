"""Small exports on disk, and what an ingest makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import FileLoad, IngestReport, ingest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass
class Desk:
    """A warehouse in a folder of its own."""

    folder: Path

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def ingest(self, *paths: Path, **options: Any) -> IngestReport:
        return ingest(list(paths), data_dir=self.data_dir, **options)

    def load(self, name: str, text: str | bytes, **options: Any) -> FileLoad:
        (load,) = self.ingest(self.write(name, text), **options).files
        assert load.is_balanced
        return load

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with Warehouse.open(self.data_dir) as warehouse:
            return warehouse.con.sql(sql).fetchall()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def make_desk(tmp_path: Path) -> Callable[[str], Desk]:
    return lambda name: Desk(tmp_path / name)
