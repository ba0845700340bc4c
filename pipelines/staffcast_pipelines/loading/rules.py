"""What may be stored of a row: how free text is kept, from when on, and of whom nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from staffcast.store.schema import Kind, Table
from staffcast_pipelines.farewells import NOTED, reduced
from staffcast_pipelines.privacy.redactor import Redactor

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

__all__ = ["RULES_VERSION", "KeepText", "Rules", "stored_policies", "stored_tombstones"]

RULES_VERSION = 2
"""Counts up when the same file would be loaded differently."""


class KeepText(StrEnum):
    """What is stored of message texts, comments and page addresses."""

    REDACTED = "redacted"
    NONE = "none"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one load.

    Attributes:
        timezone: Zone of times without an offset, unless the mapping declares it.
        encoding: Encoding of the files, unless the mapping declares it.
        keep_text: What is stored of free text.
        redactor: Finds what identifies a person in it.
        pseudonymise_agents: Agents are stored under keyed hashes, without their names.
        text_from_us: Text of rows before this instant is not stored.
        tombstones: Hashes of erased people and conversations, by kind.
    """

    timezone: str | None = None
    encoding: str | None = None
    keep_text: KeepText = KeepText.REDACTED
    redactor: Redactor = field(default_factory=Redactor)
    pseudonymise_agents: bool = False
    text_from_us: int | None = None
    tombstones: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def fingerprint(self, mapping_fingerprint: str) -> str:
        """Changes with everything that decides how the rows of a file are read."""
        parts = [RULES_VERSION, mapping_fingerprint, self.timezone, self.encoding]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def redacted(self, cells: pl.DataFrame, table: Table) -> pl.DataFrame:
        """The cells of a chunk as they may be stored."""
        prose = [column.name for column in table.columns if column.kind in (Kind.PROSE, Kind.BODY)]
        urls = [column.name for column in table.columns if column.kind is Kind.URL]
        columns = [self._extras(cells["extra"])]
        if self.keep_text is KeepText.NONE:
            columns += [cells.select(self._dropped(table, name))[name] for name in prose]
        elif self.keep_text is KeepText.REDACTED:
            columns += [self.redactor.texts(cells[name]).alias(name) for name in prose]
        if self.keep_text is not KeepText.RAW:
            columns += [self.redactor.urls(cells[name]).alias(name) for name in urls]
        cells = cells.with_columns(columns)
        times = [column.name for column in table.columns if column.kind is Kind.TIME]
        if self.text_from_us is None or not times:
            return cells
        is_old = pl.col(times[0]).fill_null(self.text_from_us) < self.text_from_us
        return cells.with_columns(
            pl.when(is_old).then(self._dropped(table, name)).otherwise(name).alias(name)
            for name in (*prose, *urls, "extra")
        )

    @staticmethod
    def _dropped(table: Table, name: str) -> pl.Expr:
        """What stays of a column that is not kept."""
        is_noted = name in NOTED.get(table.name, ())
        return reduced(pl.col(name)) if is_noted else pl.lit(None, pl.String).alias(name)

    def _extras(self, extras: pl.Series) -> pl.Series:
        kept = extras.drop_nulls().unique().to_list()
        safe = [
            json.dumps(self.redactor.extras(json.loads(text)), sort_keys=True, ensure_ascii=False)
            for text in kept
        ]
        return extras.replace_strict(kept, safe, default=None, return_dtype=pl.String).alias("extra")


def stored_policies(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The policies that bind every load."""
    return dict(con.execute("select key, value from policies").fetchall())


def stored_tombstones(con: duckdb.DuckDBPyConnection, scope: tuple[str, str]) -> dict[str, frozenset[str]]:
    """Hashes of erased people and conversations, by kind.

    An e-mail address or phone number is the same in every source; identifiers are not.
    """
    rows = con.execute(
        "select distinct kind, external_hash from tombstones"
        " where kind in ('email', 'phone') or (source = ? and source_account = ?)",
        list(scope),
    ).fetchall()
    kinds = {kind for kind, _ in rows}
    return {kind: frozenset(value for other, value in rows if other == kind) for kind in kinds}
