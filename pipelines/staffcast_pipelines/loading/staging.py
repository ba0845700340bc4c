"""From rows of text to rows of the warehouse: checked, typed, keyed, redacted, chunk by chunk."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.enums import SenderType
from staffcast.core.errors import SchemaError, did_you_mean
from staffcast.store.schema import Column, Kind, Table, canonical_table
from staffcast.store.sql import statement
from staffcast_pipelines.casting import cast_columns
from staffcast_pipelines.loading.keys import content_expr
from staffcast_pipelines.loading.known_terms import KnownTerms, terms_of_customers
from staffcast_pipelines.loading.people import agent_pseudonyms, customers_of, is_erased, people
from staffcast_pipelines.loading.rules import KeepText, Rules
from staffcast_pipelines.reading.raw import BadRow

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType
    from pathlib import Path

    import duckdb

    from staffcast_pipelines.loading.keys import Keyring
    from staffcast_pipelines.mapping import Mapping
    from staffcast_pipelines.reading.raw import RawTable

__all__ = ["Origin", "Outcome", "check_columns", "open_staging", "stage"]

_PACKAGE = "staffcast_pipelines.loading"
_RAW = "raw_"
"""Prefix of cells as the file has them: they enter the row's fingerprint and are not stored."""

_LIKE_DATA = re.compile(r"\d|.*[:@]|.{60}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file comes from.

    Attributes:
        source: Name of the export.
        source_account: Workspace of the team in it.
        path: The file.
    """

    source: str
    source_account: str
    path: Path

    @property
    def scope(self) -> tuple[str, str]:
        """Within which identifiers are unique."""
        return self.source, self.source_account


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a file before they are merged.

    Attributes:
        n_staged: Rows ready to be merged.
        bad: Rows to quarantine.
        skipped: Number of rows left out by reason.
        notes: Number of cells taken with a doubt, by what the doubt is.
        n_suppressed: Rows of people who were erased.
        columns: Columns of the file.
        columns_as_extra: Unknown columns that were kept.
    """

    n_staged: int = 0
    bad: list[BadRow] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    n_suppressed: int = 0
    columns: tuple[str, ...] = ()
    columns_as_extra: set[str] = field(default_factory=set)

    @property
    def n_rows(self) -> int:
        """Rows of the file so far."""
        return self.n_staged + len(self.bad) + sum(self.skipped.values()) + self.n_suppressed


def open_staging(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make the empty temporary tables that the chunks of one file go into."""
    con.execute(statement(_PACKAGE, "open_staging", table=table.name))


def stage(
    con: duckdb.DuckDBPyConnection,
    raw: RawTable,
    mapping: Mapping,
    keyring: Keyring,
    origin: Origin,
    rules: Rules,
    outcome: Outcome,
) -> None:
    """Check, cast, key and redact the rows of a chunk, and add them to the staging tables.

    Args:
        con: Connection of the warehouse, with the functions of the keyring.
        raw: The chunk as text.
        mapping: How its columns become canonical ones.
        keyring: The warehouse's keys.
        origin: Where the file comes from.
        rules: What may be stored.
        outcome: The counts of the file, added to.

    Raises:
        SourceError: Its times have no zone and none is declared.
    """
    table = canonical_table(mapping.table)
    texts = mapping.apply(raw)
    if texts.height != len(raw.lines):
        texts = texts.clear(len(raw.lines))
    cast = cast_columns(texts, raw.lines, mapping=mapping, timezone=rules.timezone, path=origin.path)
    outcome.bad += raw.bad
    outcome.bad += [
        BadRow(raw.lines[row], name, reason, json.dumps(texts.row(row), ensure_ascii=False))
        for row, (name, reason) in sorted(cast.failures.items())
    ]
    for reason, n in raw.skipped.items():
        outcome.skipped[reason] = outcome.skipped.get(reason, 0) + n
    for note, n in cast.notes.items():
        outcome.notes[note] = outcome.notes.get(note, 0) + n
    outcome.columns = tuple(dict.fromkeys(outcome.columns + raw.columns))
    outcome.columns_as_extra.update(*raw.extras.values())
    cells = pl.DataFrame(cast.columns).with_columns(_json_column(raw.extras, texts.height).alias("extra"))
    if cast.failures:
        cells = cells.filter(~pl.int_range(pl.len()).is_in(list(cast.failures)))
    _add(con, cells, table, keyring, origin, rules, outcome)


def _add(
    con: duckdb.DuckDBPyConnection,
    cells: pl.DataFrame,
    table: Table,
    keyring: Keyring,
    origin: Origin,
    rules: Rules,
    outcome: Outcome,
) -> None:
    cells = cells.with_columns(
        keyring.hash_each("customer", customers_of(cells, table), *origin.scope).alias("customer_key")
    )
    if rules.tombstones:
        erased = is_erased(cells, table, keyring, origin.scope, rules.tombstones)
        outcome.n_suppressed += int(erased.sum())
        cells = cells.filter(~erased)
    outcome.n_staged += cells.height
    names = [column.name for column in table.columns] + ["extra"]
    raw_cells = cells.select(pl.col(name).alias(_RAW + name) for name in names)
    _insert(con, "stage_people", people(cells, table, keyring))
    _insert(con, "stage_terms", terms_of_customers(cells, table, keyring))
    if table.identity:
        cells = _with_identifiers(cells, table, keyring)
    cells = rules.redacted(cells, table)
    if rules.keep_text is not KeepText.RAW:
        cells = KnownTerms(con, keyring, origin.scope).marked(cells, table)
    rows = raw_cells.hstack(_stored(cells, table, keyring, origin, rules))
    _insert(con, "stage_rows", rows, stored=_stored_names(table), hashed=tuple(names))


def _insert(
    con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, **names: str | tuple[str, ...]
) -> None:
    if frame.is_empty():
        return
    con.register("incoming", frame.to_arrow())
    try:
        con.execute(statement(_PACKAGE, name, **names))
    finally:
        con.unregister("incoming")


def _stored_names(table: Table) -> tuple[str, ...]:
    return tuple(name for name, _ in table.stored_columns if name not in ("row_hash", "load_id"))


def check_columns(columns: tuple[str, ...], mapping: Mapping, path: Path) -> None:
    """Refuse a file that lacks a column which every row needs, or one that the mapping names.

    Raises:
        SchemaError: A column is missing.
    """
    if not columns:
        return
    mapping.check_columns(columns, path)
    table = canonical_table(mapping.table)
    for column in table.columns:
        source = mapping.rule(column.name).source
        is_made_up = column.name in mapping.constants or column.name in mapping.not_required
        if column.required and not is_made_up and source not in columns:
            near = did_you_mean(source, columns)
            raise SchemaError(
                f"the column that {table.name} needs is missing; the file has {_named(columns)}",
                path=path,
                field=source,
                hint=f"{near if near.startswith('did') else ''} Rename a column, or use --map".strip(),
            )


def _named(columns: tuple[str, ...]) -> str:
    """The names of columns, unless they are rather the cells of a file without a header."""
    if any(_LIKE_DATA.match(name) for name in columns):
        return "no header"
    return ", ".join(columns[:20])


def _json_column(cells: MappingType[int, dict[str, str]], height: int) -> pl.Series:
    """One JSON object a row, null where a row has no cells."""
    texts = [json.dumps(cell, sort_keys=True, ensure_ascii=False) for cell in cells.values()]
    column = pl.select(pl.lit(None, dtype=pl.String)).to_series().new_from_index(0, height)
    return column.scatter(list(cells), pl.Series(texts, dtype=pl.String)) if cells else column


def _stored(
    cells: pl.DataFrame, table: Table, keyring: Keyring, origin: Origin, rules: Rules
) -> pl.DataFrame:
    if rules.pseudonymise_agents:
        cells = agent_pseudonyms(cells, table, keyring, origin.scope)
    stored = [pl.lit(origin.source).alias("source"), pl.lit(origin.source_account).alias("source_account")]
    stored += [expression for column in table.columns for expression in _stored_as(column)]
    return cells.select(*stored, "extra")


def _stored_as(column: Column) -> list[pl.Expr]:
    match column.kind:
        case Kind.TIME:
            cell = pl.col(column.name)
            return [cell.cast(pl.Datetime("us")), cell.alias(f"{column.name}_us")]
        case Kind.PERSON:
            return [pl.col("customer_key")]
        case Kind.SENDER:
            is_customer = pl.col("sender_type") == SenderType.CUSTOMER
            return [pl.when(is_customer).then("customer_key").otherwise(column.name).alias(column.name)]
        case Kind.PRIVATE:
            return []
        case _:
            return [pl.col(column.name)]


def _with_identifiers(cells: pl.DataFrame, table: Table, keyring: Keyring) -> pl.DataFrame:
    """Fill missing identifiers by a fingerprint of what tells the row apart.

    Rows that are equal in it get their number when the whole file is staged.
    """
    (name,) = table.key
    is_missing = cells[name].is_null()
    if not is_missing.any():
        return cells
    texts = cells.select(pl.when(pl.col(name).is_null()).then(content_expr(table.identity))).to_series()
    return cells.with_columns(pl.coalesce(name, keyring.identifiers(name, texts)).alias(name))
