"""Loading exports into the warehouse: one transaction a file, every row accounted for."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from staffcast.core.calendars import zone
from staffcast.core.config import Settings
from staffcast.core.errors import SourceError
from staffcast.store.schema import canonical_table
from staffcast.store.warehouse import WAREHOUSE_FILE, Warehouse
from staffcast_pipelines.loading import ledger, plain_jsonl
from staffcast_pipelines.loading.key_count import KeyCount
from staffcast_pipelines.loading.key_files import open_keyring
from staffcast_pipelines.loading.known_terms import mark_stored_texts
from staffcast_pipelines.loading.ledger import FileLoad, IngestReport
from staffcast_pipelines.loading.merge import merge
from staffcast_pipelines.loading.progress import Progress, Stage, silent
from staffcast_pipelines.loading.rules import KeepText, Rules, stored_policies, stored_tombstones
from staffcast_pipelines.loading.staging import Origin, Outcome, check_columns, open_staging, stage
from staffcast_pipelines.mapping import Mapping, load_mapping
from staffcast_pipelines.privacy.numbering import DEFAULT_REGIONS
from staffcast_pipelines.privacy.redactor import Redactor
from staffcast_pipelines.reading.csv_rows import read_csv
from staffcast_pipelines.reading.jsonl_rows import check_json_lines, read_jsonl
from staffcast_pipelines.reading.opening import Export, inspect
from staffcast_pipelines.source_config import read_config, store_config
from staffcast_pipelines.sources.interchange import STDIN, file_format, plan
from staffcast_pipelines.works_council.policy import pseudonymises, remember_pseudonyms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from staffcast_pipelines.loading.keys import Keyring

__all__ = ["FileLoad", "IngestReport", "Progress", "Stage", "ingest"]

_MEMORY_LIMIT = "400MiB"
_MOST_THREADS = 4
_LONG_LINE_BYTES = 1 << 14
"""Files with longer lines on average are read one line at a time: DuckDB holds many of them at once."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What all files of one call share."""

    warehouse: Warehouse
    keyring: Keyring
    rules: Rules
    source: str
    source_account: str
    now: datetime
    progress: Progress
    is_dry_run: bool

    def is_direct(self, file: _File) -> bool:
        """Whether the fast lane may try the file.

        Not in a rehearsal, in which a failed try could not be undone alone.
        """
        export = file.export
        is_plain = export.is_plain_utf8 and export.is_clean and file.mapping.is_plain
        has_short_lines = export.n_bytes < _LONG_LINE_BYTES * (file.keys.n_lines + 1)
        table = canonical_table(file.mapping.table)
        return (
            is_plain
            and has_short_lines
            and file.format == "jsonl"
            and not self.is_dry_run
            and plain_jsonl.can_load(table, self.rules)
        )


@dataclass(frozen=True, slots=True)
class _File:
    """A file on its way into the warehouse."""

    export: Export
    mapping: Mapping
    origin: Origin
    keys: KeyCount
    number: int
    n_files: int

    @property
    def format(self) -> str | None:
        """``csv`` or ``jsonl``."""
        return self.mapping.format or file_format(self.origin.path)


def ingest(
    paths: Path | Sequence[Path],
    *,
    data_dir: Path,
    source: str = "default",
    source_account: str = "default",
    timezone: str | None = None,
    mapping: Mapping | Path | None = None,
    encoding: str | None = None,
    keep_text: KeepText | str = KeepText.REDACTED,
    phone_regions: tuple[str, ...] = DEFAULT_REGIONS,
    pseudonymise_agents: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> IngestReport:
    """Load files and folders into the warehouse.

    The same rows again, in files of other names, order or cut, change nothing.

    Args:
        paths: CSV or JSONL files, plain, gzip or in zip archives, and interchange folders.
            ``-`` is the standard input, which needs a mapping.
        data_dir: Folder of the warehouse, made if missing.
        source: Name of the export; identifiers are unique within it and the account.
        source_account: The team's workspace in it.
        timezone: IANA zone of times without an offset; without it they are refused.
        mapping: How the files become a canonical table, if they are not interchange files.
        encoding: Encoding of the files, UTF-8 unless the mapping says otherwise.
        keep_text: What is stored of message texts, comments and page addresses.
        phone_regions: Countries whose phone numbers are recognised without a country code.
        pseudonymise_agents: Store agents under keyed hashes, without their names.
        dry_run: Report what would happen and store nothing.
        progress: Called as the work goes on.
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
    wanted = Rules(
        timezone=timezone,
        encoding=encoding,
        keep_text=KeepText(keep_text),
        redactor=Redactor(phone_regions),
        pseudonymise_agents=pseudonymise_agents,
    )
    named = [paths] if isinstance(paths, Path) else list(paths)
    with ExitStack() as stack:
        spool = Path(stack.enter_context(tempfile.TemporaryDirectory())) if STDIN in named else None
        todo = plan(named, mapped_table=mapping.table if mapping else None, spool_dir=spool)
        configs = [(path, read_config(path)) for path in todo.configs]
        if dry_run and not (data_dir / WAREHOUSE_FILE).exists():
            data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        warehouse = stack.enter_context(Warehouse.open(data_dir, create=True))
        _limit_resources(warehouse)
        keyring = open_keyring(warehouse)
        rules = _bound(wanted, warehouse, (source, source_account))
        job = _Job(
            warehouse, keyring, rules, source, source_account, now or datetime.now(UTC), progress, dry_run
        )
        if dry_run:
            stack.enter_context(warehouse.transaction(keep=False))
        loads = _load_all(job, todo.tables, mapping)
        has_new_config = _conclude(job, configs)
    ignored = tuple(path.name for path in todo.ignored)
    return IngestReport(loads, ignored, has_new_config=has_new_config, is_dry_run=dry_run)


def _bound(rules: Rules, warehouse: Warehouse, scope: tuple[str, str]) -> Rules:
    """The rules together with those that the warehouse binds every load to."""
    return replace(
        rules,
        pseudonymise_agents=_pseudonymises(warehouse, wanted=rules.pseudonymise_agents),
        text_from_us=_text_from_us(warehouse),
        tombstones=stored_tombstones(warehouse.con, scope),
    )


def _load_all(job: _Job, tables: Sequence[tuple[Path, str]], mapping: Mapping | None) -> tuple[FileLoad, ...]:
    """Customers first: what is known of them is marked before a text is stored."""
    loads = []
    for number, (path, table) in enumerate(sorted(tables, key=lambda entry: entry[1] != "customers")):
        job.progress(Stage(path.name, number, len(tables)))
        with _undone(path):
            loads.append(_load(job, path, mapping or Mapping(table), number, len(tables)))
    return tuple(loads)


def _limit_resources(warehouse: Warehouse) -> None:
    """Beyond this DuckDB spills into the folder of the warehouse; each thread wants its share of it."""
    warehouse.con.execute("set memory_limit = ?", [_MEMORY_LIMIT])
    warehouse.con.execute("set threads = ?", [min(_MOST_THREADS, os.cpu_count() or 1)])


def _pseudonymises(warehouse: Warehouse, *, wanted: bool) -> bool:
    """Whether agents are stored under keyed hashes: asked for now, at an earlier load, or by a lock."""
    if not pseudonymises(warehouse.con, Settings(works_council="on" if wanted else "off")):
        return False
    with warehouse.transaction():
        remember_pseudonyms(warehouse.con)
    return True


def _conclude(job: _Job, configs: Sequence[tuple[Path, dict[str, object]]]) -> bool:
    """What needs all files of the call; whether a stored setting changed."""
    con = job.warehouse.con
    with job.warehouse.transaction():
        if job.rules.keep_text is not KeepText.RAW:
            mark_stored_texts(con, job.keyring)
        changes = [
            store_config(con, config, Origin(job.source, job.source_account, path))
            for path, config in configs
        ]
    return any(changes)


def _text_from_us(warehouse: Warehouse) -> int | None:
    text = stored_policies(warehouse.con).get("text_from_us")
    return int(text) if text else None


@contextmanager
def _undone(path: Path) -> Iterator[None]:
    """Whatever ends the work on a file, its transaction is rolled back: say so."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"nothing of {path.name} was stored")
        raise


def _load(job: _Job, path: Path, mapping: Mapping, number: int, n_files: int) -> FileLoad:
    keys = KeyCount()
    encoding = job.rules.encoding or mapping.encoding or "utf-8"
    export = inspect(path, encoding=encoding, observe=keys.observe)
    file = _File(export, mapping, Origin(job.source, job.source_account, path), keys, number, n_files)
    settings_hash = job.rules.fingerprint(mapping.fingerprint)
    known = ledger.previous_load(
        job.warehouse.con, file.origin, mapping.table, export.name, export.sha256, settings_hash
    )
    if known:
        return known
    if job.is_direct(file):
        try:
            with job.warehouse.transaction():
                return _store(job, file, settings_hash, is_direct=True)
        except (plain_jsonl.NotPlainError, SourceError):
            # Rolled back: read it again with care, which may find nothing wrong or say what is.
            plain_jsonl.restore_settings(job.warehouse.con)
    with job.warehouse.transaction():
        return _store(job, file, settings_hash, is_direct=False)


def _store(job: _Job, file: _File, settings_hash: str, *, is_direct: bool) -> FileLoad:
    con, table = job.warehouse.con, canonical_table(file.mapping.table)
    load_id = ledger.next_load_id(con)
    open_staging(con, table)
    outcome = Outcome()
    n_direct = 0
    lines: Export | None = file.export
    if is_direct:
        direct = plain_jsonl.load(
            plain_jsonl.PlainLoad(
                con, file.export, file.keys, table, job.keyring, file.origin, job.rules, load_id
            )
        )
        n_direct, lines = direct.n_stored, direct.others
        job.progress(Stage(file.export.name, file.number, file.n_files, n_direct, file.keys.n_lines))
        outcome.n_staged += direct.n_contested
        outcome.n_suppressed += direct.n_suppressed
    if lines:
        _stage_chunks(job, file, lines, outcome)
    file.export.check_unchanged()
    _refuse_if_nothing_fits(file, outcome, n_direct)
    counts = merge(con, table, file.origin, load_id)
    skipped = outcome.skipped | {"an older version of a stored row": counts.n_superseded}
    load = FileLoad(
        file=file.export.name,
        table=table.name,
        n_rows=n_direct + outcome.n_rows,
        n_new=n_direct + counts.n_new,
        n_updated=counts.n_updated,
        n_duplicate=counts.n_duplicate,
        n_quarantined=len(outcome.bad),
        n_skipped=sum(skipped.values()),
        n_suppressed=outcome.n_suppressed,
        reasons=ledger.reasons(outcome.bad, skipped | outcome.notes),
        columns_as_extra=tuple(sorted(outcome.columns_as_extra)),
    )
    entry = ledger.Entry(load_id, file.origin, file.export.sha256, settings_hash, job.now)
    ledger.write(con, load, entry, outcome.bad, job.keyring)
    return load


def _stage_chunks(job: _Job, file: _File, lines: Export, outcome: Outcome) -> None:
    mapping = file.mapping
    wanted, ignored = mapping.source_columns, frozenset(mapping.ignore)
    if file.format == "jsonl":
        check_json_lines(file.export)
    chunks = (
        read_jsonl(lines, wanted=wanted, ignored=ignored)
        if file.format == "jsonl"
        else read_csv(file.export, wanted=wanted, ignored=ignored, delimiter=mapping.delimiter)
    )
    for chunk in chunks:
        if file.format == "csv":
            check_columns(chunk.columns, mapping, file.origin.path)
        stage(job.warehouse.con, chunk, mapping, job.keyring, file.origin, job.rules, outcome)
        job.progress(Stage(file.export.name, file.number, file.n_files, outcome.n_rows, file.keys.n_lines))
    if lines is file.export:
        check_columns(outcome.columns, mapping, file.origin.path)


def _refuse_if_nothing_fits(file: _File, outcome: Outcome, n_direct: int) -> None:
    n_bad = len(outcome.bad)
    if not n_bad or n_bad < outcome.n_rows or n_direct:
        return
    worst = ledger.reasons(outcome.bad, {})[0]
    raise SourceError(
        f"none of the {n_bad:,} rows can be loaded; most often: {worst.text}",
        path=file.origin.path,
        line=worst.first_line,
        hint="check that the file is what its name says, or use --map",
    )
