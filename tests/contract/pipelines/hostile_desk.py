"""A desk that is fed hostile exports: each is loaded, put aside row by row, or refused with a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.errors import StaffcastError
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import FileLoad, ingest

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("message_id", "conversation_id", "timestamp", "sender_type", "sender_id", "text")
CLEAN = (
    ("m1", "c1", "2026-11-02T09:00:00Z", "customer", "", "Grüße! Is the café open?"),
    ("m2", "c1", "2026-11-02T09:00:20Z", "agent", "a1", "Yes 😀 until six"),
    ("m3", "c1", "2026-11-02T09:00:40Z", "bot", "", "Thank you"),
    ("m4", "c2", "2026-11-02T10:00:00Z", "customer", "", "It does not work"),
    ("m5", "c2", "2026-11-02T10:03:00Z", "agent", "a2", "On it"),
)


def csv_text(
    *rows: tuple[str, ...], mark: str = ",", end: str = "\n", columns: tuple[str, ...] = COLUMNS
) -> str:
    """Rows without quotes."""
    return "".join(mark.join(row) + end for row in (columns, *rows))


@dataclass
class Desk:
    """A warehouse in a folder of its own."""

    folder: Path
    n_sources: int = 0

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def ingest(self, *paths: Path, **options: Any) -> list[FileLoad]:
        files = ingest(list(paths), data_dir=self.data_dir, **options).files
        assert all(load.is_balanced for load in files)
        return list(files)

    def load(self, name: str, content: str | bytes, **options: Any) -> FileLoad:
        (load,) = self.ingest(self.write(name, content), **options)
        return load

    def loads_as_clean(self, name: str, content: str | bytes, **options: Any) -> FileLoad:
        """The file gives the rows of the clean export, and nothing else."""
        return self.puts_aside(name, content, [], **options)

    def puts_aside(
        self, name: str, content: str | bytes, faults: list[tuple[int, str | None, str]], **options: Any
    ) -> FileLoad:
        """The clean rows are loaded, and the others put aside with line, column and reason.

        Every such load is of a source of its own, so that one warehouse serves many.
        """
        self.n_sources += 1
        load = self.load(name, content, source=f"s{self.n_sources}", **options)
        assert self.faults() == faults, self.faults()
        assert (load.n_new, load.n_quarantined) == (len(CLEAN), len(faults)), load
        self.holds_clean()
        return load

    def holds_clean(self) -> None:
        """The messages of the last source are those of the clean export."""
        found = self.rows(
            "select message_id, conversation_id, strftime(timestamp, '%Y-%m-%dT%H:%M:%SZ'), sender_type,"
            " coalesce(sender_id, ''), text from messages"
            " where source = (select source from loads order by load_id desc limit 1) order by message_id"
        )
        assert found == list(CLEAN), found

    def faults(self) -> list[tuple[Any, ...]]:
        """Line, column and reason of the rows that the last load put aside."""
        return self.rows(
            "select line, field, reason from quarantine"
            " where load_id = (select max(load_id) from loads) order by line"
        )

    def refuses(self, path: Path, message: str, **options: Any) -> None:
        """In one line that names the file and says what to do; nothing of it is stored."""
        before = self.counts()
        with pytest.raises(StaffcastError) as caught:
            self.ingest(path, **options)
        said = str(caught.value)
        assert message in said, said
        assert caught.value.hint
        assert path.name[:100] in said
        assert said.isprintable()
        assert len(said) < 600
        assert self.counts() == before

    def counts(self) -> tuple[Any, ...]:
        sql = "select (select count(*) from {}), (select count(*) from {}), (select count(*) from {})"
        return self.rows(sql.format("messages", "loads", "quarantine"))[0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with Warehouse.open(self.data_dir) as warehouse:
            return warehouse.con.sql(sql).fetchall()
