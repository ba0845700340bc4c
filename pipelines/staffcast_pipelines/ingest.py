"""Loading exports into the warehouse: one transaction a file, every row accounted for."""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from staffcast.core.calendars import zone
from staffcast.store.warehouse import WAREHOUSE_FILE, Warehouse
from staffcast_pipelines import ledger
from staffcast_pipelines.keys import Keyring
from staffcast_pipelines.ledger import FileLoad, IngestReport
from staffcast_pipelines.mapping import Mapping, load_mapping
from staffcast_pipelines.merge import merge
from staffcast_pipelines.reading.csv_rows import read_csv
from staffcast_pipelines.reading.jsonl_rows import read_jsonl
from staffcast_pipelines.reading.opening import Opened, open_export
from staffcast_pipelines.source_config import read_config, store_config
from staffcast_pipelines.sources.interchange import file_format, plan
from staffcast_pipelines.staging import Origin, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from staffcast_pipelines.reading.raw import RawTable

__all__ = ["FileLoad", "IngestReport", "ingest"]

_RULES_VERSION = 1
"""Counts up when the same file would be loaded differently."""


@dataclass(frozen=True, slots=True)
class _Settings:
    source: str
    source_account: str
    timezone: str | None
    encoding: str | None
    now: datetime

    def fingerprint(self, mapping: Mapping) -> str:
        """Changes with everything that decides how a file is loaded."""
        parts = [_RULES_VERSION, mapping.fingerprint, self.timezone, self.encoding]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def ingest(
    paths: Path | Sequence[Path],
    *,
    data_dir: Path,
    source: str = "default",
    source_account: str = "default",
    timezone: str | None = None,
    mapping: Mapping | Path | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
    progress: Callable[[Path, int, int], None] | None = None,
    now: datetime | None = None,
) -> IngestReport:
    """Load files and folders into the warehouse.

    The same rows again, in files of other names, order or cut, change nothing.

    Args:
        paths: CSV or JSONL files, plain or gzip, and interchange folders.
        data_dir: Folder of the warehouse, made if missing.
        source: Name of the export; identifiers are unique within it and the account.
        source_account: The team's workspace in it.
        timezone: IANA zone of times without an offset; without it they are refused.
        mapping: How the files become a canonical table, if they are not interchange files.
        encoding: Encoding of the files, UTF-8 unless the mapping says otherwise.
        dry_run: Report what would happen and store nothing.
        progress: Called before each file with path, number from 0 and the number of files.
        now: The instant noted in the ledger, the present by default.

    Returns:
        What became of every row of every file.

    Raises:
        SourceError: A file cannot be loaded; files before it in the order are.
        SchemaError: A file lacks a required column.
        ConfigError: The mapping, a setting or ``config.json`` is wrong.
        WarehouseError: The warehouse cannot be opened or written.
    """
    if timezone is not None:
        zone(timezone)
    if isinstance(mapping, Path):
        mapping = load_mapping(mapping)
    todo = plan(
        [paths] if isinstance(paths, Path) else list(paths), mapped_table=mapping.table if mapping else None
    )
    configs = [(path, read_config(path)) for path in todo.configs]
    settings = _Settings(source, source_account, timezone, encoding, now or datetime.now(UTC))
    loads = []
    with ExitStack() as stack:
        if dry_run and not (data_dir / WAREHOUSE_FILE).exists():
            data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        warehouse = stack.enter_context(Warehouse.open(data_dir, create=True))
        keyring = Keyring.open(data_dir, create=ledger.next_load_id(warehouse.con) == 1)
        if dry_run:
            stack.enter_context(warehouse.transaction(keep=False))
        for number, (path, table) in enumerate(todo.tables):
            if progress:
                progress(path, number, len(todo.tables))
            loads.append(_load(warehouse, keyring, path, mapping or Mapping(table), settings))
        with warehouse.transaction():
            changes = [
                store_config(warehouse.con, config, Origin(source, source_account, path))
                for path, config in configs
            ]
    ignored = tuple(path.name for path in todo.ignored)
    return IngestReport(tuple(loads), ignored, has_new_config=any(changes), is_dry_run=dry_run)


def _load(
    warehouse: Warehouse, keyring: Keyring, path: Path, mapping: Mapping, settings: _Settings
) -> FileLoad:
    origin = Origin(settings.source, settings.source_account, path)
    opened = open_export(path, encoding=settings.encoding or mapping.encoding or "utf-8")
    settings_hash = settings.fingerprint(mapping)
    known = ledger.previous_load(warehouse.con, origin, mapping.table, opened.sha256, settings_hash)
    if known:
        return known
    raw = _read(opened, path, mapping)
    staged = stage(raw, mapping, keyring, origin, settings.timezone)
    with warehouse.transaction():
        load_id = ledger.next_load_id(warehouse.con)
        counts = merge(warehouse.con, staged, origin, load_id)
        skipped = staged.skipped | {"an older version of a stored row": counts.n_superseded}
        load = FileLoad(
            file=path.name,
            table=mapping.table,
            n_rows=staged.rows.height + len(staged.bad) + sum(staged.skipped.values()),
            n_new=counts.n_new,
            n_updated=counts.n_updated,
            n_duplicate=counts.n_duplicate,
            n_quarantined=len(staged.bad),
            n_skipped=sum(skipped.values()),
            reasons=ledger.reasons(staged.bad, skipped),
            columns_as_extra=staged.columns_as_extra,
        )
        entry = ledger.Entry(load_id, origin, opened.sha256, settings_hash, settings.now)
        ledger.write(warehouse.con, load, entry, staged.bad, keyring)
    return load


def _read(opened: Opened, path: Path, mapping: Mapping) -> RawTable:
    wanted, ignored = mapping.source_columns, frozenset(mapping.ignore)
    format_ = mapping.format or file_format(path)
    if format_ == "jsonl":
        return read_jsonl(opened, path=path, wanted=wanted, ignored=ignored)
    return read_csv(opened, path=path, wanted=wanted, ignored=ignored, delimiter=mapping.delimiter)
