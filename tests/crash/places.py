"""Where trials take place: a folder with a warehouse, and what can be said about its state."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from staffcast.store.generations import current_generation, open_generation
from staffcast.store.warehouse import WAREHOUSE_FILE, Warehouse
from staffcast_pipelines.loading.keys import KEY_FILE, Keyring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from staffcast.store.schema import Table

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
UNTIMED = {"loads": "loaded_at", "tombstones": "erased_at", "erasures": "erased_at", "backups": "made_at"}
"""Columns that say when something was done."""
KEPT_NAMES = {WAREHOUSE_FILE, KEY_FILE, "warehouse.lock", "generations"}


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, or minus the signal that ended it, and what it printed."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def is_killed(self) -> bool:
        return self.code < 0


class Children:
    """Starts children in a forking process (see zygote.py)."""

    def __init__(self, folder: Path, preload: Path | None) -> None:
        environment = {name: text for name, text in os.environ.items() if not name.startswith("COV_")}
        paths = [str(ROOT), environment.get("PYTHONPATH", "")]
        environment |= {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "OPENBLAS_NUM_THREADS": "1",
            "POLARS_MAX_THREADS": "2",
        }
        if preload:
            environment["LD_PRELOAD"] = str(preload)
        self.has_faults = preload is not None
        self._folder = folder
        self._number = 0
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
        )  # fmt: skip

    def _ask(self, request: dict[str, Any]) -> int:
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.write(json.dumps(request) + "\n")
        self._zygote.stdin.flush()
        return int(self._zygote.stdout.readline())

    def start(self, action: str, *arguments: str | int, **options: Any) -> Child:
        """Start ``actions.<action>`` in a child."""
        self._number += 1
        cwd = self._folder / f"{self._number}"
        cwd.mkdir(mode=0o777)
        cwd.chmod(0o777)
        out, err = cwd / "out", cwd / "err"
        pid = self._ask(
            {"call": f"tests.crash.actions:{action}", "arguments": arguments, "options": options,
             "out": str(out), "err": str(err), "cwd": str(cwd)}
        )  # fmt: skip
        return Child(self, pid, out, err)

    def run(self, action: str, *arguments: str | int, **options: Any) -> Ended:
        """Run ``actions.<action>`` to its end."""
        return self.start(action, *arguments, **options).wait()

    def close(self) -> None:
        """End the forking process."""
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.close()
        self._zygote.wait()
        self._zygote.stdout.close()


@dataclass
class Child:
    """A running child."""

    children: Children
    pid: int
    out: Path
    err: Path
    started: float = field(default_factory=time.monotonic)

    def wait(
        self, timeout_s: float = 120, stop_after_s: float | None = None, how: int = signal.SIGKILL
    ) -> Ended:
        """Wait for its end; signal it after a while, if asked to."""
        handle = os.pidfd_open(self.pid)
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            if stop_after_s is not None and not poll.poll(stop_after_s * 1000):
                signal.pidfd_send_signal(handle, how)
            is_hung = not poll.poll(timeout_s * 1000)
            if is_hung:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)
        code = self.children._ask({"wait": self.pid})
        seconds = time.monotonic() - self.started
        out, err = (path.read_text("utf-8") if path.exists() else "" for path in (self.out, self.err))
        assert not is_hung, f"hung for {timeout_s} s: {err}"
        return Ended(code, out, err, seconds)


@dataclass(frozen=True)
class Place:
    """A folder for one warehouse."""

    folder: Path

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @classmethod
    def new(cls, folder: Path) -> Place:
        """A place whose warehouse will have a known key, so that its hashes can be compared."""
        place = cls(folder)
        place.data_dir.mkdir(parents=True, mode=0o700)
        Keyring(b"0123456789abcdef" * 2).save(place.data_dir / KEY_FILE)
        return place

    def copy_to(self, folder: Path) -> Place:
        """The same in another folder, in place of what is there."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return Place(folder)

    def key(self) -> bytes:
        """The key file."""
        return (self.data_dir / KEY_FILE).read_bytes()

    def stored(self) -> dict[str, str]:
        """A fingerprint of every canonical table."""
        with Warehouse.open(self.data_dir) as warehouse:
            return fingerprints(warehouse.con)

    def rows_of(self, tables: Sequence[Table], but: str) -> dict[str, str]:
        """A fingerprint of some tables without one column of each."""
        with Warehouse.open(self.data_dir) as warehouse:
            return {table.name: _fingerprint(warehouse.con, table.name, but) for table in tables}

    def published(self) -> dict[str, str]:
        """A fingerprint of every table of the current generation, empty before the first."""
        generation = current_generation(self.data_dir)
        if generation is None:
            return {}
        with duckdb.connect(generation.path, read_only=True) as con:
            return fingerprints(con)

    def loaded_files(self) -> set[str]:
        """Names of the files in the ledger."""
        if not (self.data_dir / WAREHOUSE_FILE).exists():
            return set()
        with Warehouse.open(self.data_dir) as warehouse:
            return {name for (name,) in warehouse.con.sql("select file_name from loads").fetchall()}

    def leftovers(self) -> list[str]:
        """Files that do not belong in a warehouse at rest."""
        found = [path.name for path in self.data_dir.iterdir() if path.name not in KEPT_NAMES]
        folder = self.data_dir / "generations"
        if folder.exists():
            names = sorted(path.name for path in folder.iterdir() if path.name != "current.json")
            found += [name for name in names if not name.endswith(".duckdb")]
            found += [name for name in names if name.endswith(".duckdb")][:-2]
        return found


def fingerprints(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Rows and a sum of their hashes by table, whatever the order of rows."""
    names = [name for (name,) in con.sql("select table_name from duckdb_tables() order by 1").fetchall()]
    return {name: _fingerprint(con, name, UNTIMED.get(name)) for name in names}


def _fingerprint(con: duckdb.DuckDBPyConnection, name: str, left_out: str | None) -> str:
    columns = f"* exclude ({left_out})" if left_out else "*"
    sql = f"select count(*), sum(hash(t)::hugeint) from (select {columns} from {name}) t"
    return str(con.sql(sql).fetchall()[0])


def check_whole(data_dir: Path) -> int:
    """Read the current generation as reports do, and check that its tables belong together.

    Returns:
        Its number, 0 before the first.
    """
    if current_generation(data_dir) is None:
        return 0
    with open_generation(data_dir) as reader:
        checks = reader.run(
            "select (select count(*) from fact_turn t where not exists "
            " (select 1 from fact_conversation c where c.conversation_key = t.conversation_key)) as orphans,"
            " (select max(load_id) from loads) as loaded,"
            " (select value::bigint from build_info where key = 'built_load_id') as built"
        ).row(0, named=True)
        assert checks["orphans"] == 0
        assert checks["loaded"] == checks["built"]
        for table in reader.tables():
            reader.run(f"select count(*), sum(hash(t)::hugeint) from {table} t")
        return reader.generation.number


def differing(
    one: dict[str, str], other: dict[str, str], but: Sequence[str] = ()
) -> dict[str, tuple[str | None, str | None]]:
    """Tables with other rows."""
    names = {*one, *other} - {*but}
    return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}
