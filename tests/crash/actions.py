"""What the children of a trial do."""

from __future__ import annotations

import ctypes
import os
import secrets
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.places import NOW

from staffcast.core.config import resolve
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from staffcast_pipelines.ingest import Stage

_LATE_IMPORTS = (
    "pyarrow",
    "staffcast.metrics",
    "staffcast.reports",
    "staffcast.reports.session",
    "staffcast_cli.main",
    "staffcast_pipelines.build",
    "staffcast_pipelines.ingest",
    "staffcast_pipelines.lifecycle",
)


def preload() -> None:
    """Import what the command line imports only when it needs it."""
    for name in _LATE_IMPORTS:
        import_module(name)


def fail(folder: str, n: int, outcome: int, log: str, *, lasting: bool = False) -> None:
    """Let the n-th change below a folder fail: see faulty_io.c."""
    ctypes.CDLL(None).faulty_io_arm(folder.encode(), ctypes.c_long(n), outcome, int(lasting), log.encode())


def cli(*arguments: str, fault: dict[str, object] | None = None, max_file_bytes: int = 0) -> None:
    """The command line as a user calls it.

    Args:
        arguments: What follows ``staffcast``.
        fault: Arguments of ``fail``.
        max_file_bytes: No file may grow larger.
    """
    _prepare(fault, max_file_bytes)
    _staffcast(*arguments)


def cli_as(uid: int, export: str, rehearsal: str, *arguments: str) -> None:
    """The command line as another user calls it, who may not even read the libraries.

    Args:
        uid: The user; 0 changes nothing.
        export: Loaded first, so that all is imported that is ever needed.
        rehearsal: Folder of a warehouse to do so in.
        arguments: What follows ``staffcast``.
    """
    if uid:
        for command in (["ingest", export], ["report"], ["doctor", "-f", "csv"]):
            with suppress(SystemExit):
                _staffcast(*command, "-d", rehearsal)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.ftruncate(stream.fileno(), 0)
            os.lseek(stream.fileno(), 0, os.SEEK_SET)
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    _staffcast(*arguments)


def _staffcast(*arguments: str) -> None:
    from staffcast_cli.main import run

    sys.argv = ["staffcast", *arguments]
    run()


def _prepare(fault: dict[str, object] | None, max_file_bytes: int) -> None:
    os.environ.pop("STAFFCAST_DATA_DIR", None)
    # What is random must be the same in every trial, or no two could be compared.
    secrets.token_hex = lambda n=32: "7" * 2 * n  # type: ignore[assignment]
    secrets.token_bytes = lambda n=32: b"7" * n  # type: ignore[assignment]
    if max_file_bytes:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, max_file_bytes))
    if fault:
        fail(**fault)  # type: ignore[arg-type]


def ingest(*arguments: str, fault: dict[str, object] | None = None, max_file_bytes: int = 0) -> None:
    """Load an export and build, as the command line does, saying which file is next.

    Args:
        arguments: The export and the folder of the warehouse.
        fault: Arguments of ``fail``.
        max_file_bytes: No file may grow larger.
    """
    from staffcast_cli.commands.ingest import build_facts
    from staffcast_pipelines.ingest import ingest

    def tell(stage: Stage) -> None:
        os.write(2, f"loading {stage.name}\n".encode())

    _prepare(fault, max_file_bytes)
    export, data_dir = map(Path, arguments)
    ingest(export, data_dir=data_dir, progress=tell)
    build_facts(data_dir)


def full_build(data_dir: str, fault: dict[str, object] | None = None, max_file_bytes: int = 0) -> None:
    """Build everything anew."""
    from staffcast_pipelines.build import build

    _prepare(fault, max_file_bytes)
    with Warehouse.open(Path(data_dir)) as warehouse:
        defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
        settings, _ = resolve(data=defaults)
        build(warehouse, settings, now=NOW, full=True)
