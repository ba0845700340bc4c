"""From rows of text to rows of the warehouse: checked, typed, keyed, redacted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.enums import SenderType
from staffcast.core.errors import SchemaError, did_you_mean
from staffcast.store.schema import Column, Kind, Table, canonical_table
from staffcast_pipelines.casting import cast_columns
from staffcast_pipelines.keys import content_expr
from staffcast_pipelines.privacy import redact_extras, redact_texts, redact_urls
from staffcast_pipelines.reading.raw import BadRow

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast_pipelines.keys import Keyring
    from staffcast_pipelines.mapping import Mapping
    from staffcast_pipelines.reading.raw import RawTable

__all__ = ["Origin", "Staged", "stage"]

SAFE_EXTRA = "safe_extra"
BODY = "body"
"""Column of a staged row that goes to ``message_texts``."""


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


@dataclass(frozen=True, slots=True)
class Staged:
    """A file ready to be merged.

    Attributes:
        table: The canonical table.
        rows: Stored columns without ``load_id``; messages also carry ``body``.
        identities: ``kind``, ``external_hash`` and ``customer_key`` of the people named.
        bad: Rows to quarantine.
        skipped: Number of rows left out by reason.
        columns_as_extra: Unknown columns that were kept.
    """

    table: Table
    rows: pl.DataFrame
    identities: pl.DataFrame
    bad: tuple[BadRow, ...]
    skipped: dict[str, int]
    columns_as_extra: tuple[str, ...]


def stage(raw: RawTable, mapping: Mapping, keyring: Keyring, origin: Origin, timezone: str | None) -> Staged:
    """Check, cast, key and redact the rows of a file.

    Args:
        raw: The file as text.
        mapping: How its columns become canonical ones.
        keyring: The warehouse's key.
        origin: Where the file comes from.
        timezone: Zone of times without an offset, unless the mapping declares it.

    Raises:
        SchemaError: A required column is missing.
        SourceError: Its times have no zone and none is declared.
    """
    table = canonical_table(mapping.table)
    texts = mapping.apply(raw, origin.path)
    _check_columns(raw, mapping, table, origin.path)
    if texts.height != len(raw.lines):
        texts = texts.clear(len(raw.lines))
    cast = cast_columns(texts, raw.lines, mapping=mapping, timezone=timezone, path=origin.path)
    bad = [
        BadRow(raw.lines[row], field, reason, json.dumps(texts.row(row), ensure_ascii=False))
        for row, (field, reason) in sorted(cast.failures.items())
    ]
    extras = {
        "extra": raw.extras,
        SAFE_EXTRA: {row: redact_extras(extra) for row, extra in raw.extras.items()},
    }
    typed = pl.DataFrame(cast.columns).with_columns(
        _json_column(cells, texts.height).alias(name) for name, cells in extras.items()
    )
    if cast.failures:
        typed = typed.filter(~pl.int_range(pl.len()).is_in(list(cast.failures)))
    rows, identities = _stored(typed, table, keyring, origin)
    return Staged(
        table,
        rows,
        identities,
        tuple(sorted((*raw.bad, *bad), key=lambda row: row.line)),
        raw.skipped,
        tuple(sorted(set().union(*raw.extras.values()))),
    )


def _check_columns(raw: RawTable, mapping: Mapping, table: Table, path: Path) -> None:
    if not raw.columns:
        return
    for column in table.columns:
        source = mapping.rule(column.name).source
        is_made_up = column.name in mapping.constants or column.name in mapping.not_required
        if column.required and not is_made_up and source not in raw.columns:
            near = did_you_mean(source, raw.columns)
            raise SchemaError(
                f"the column that {table.name} needs is missing; the file has {', '.join(raw.columns)}",
                path=path,
                field=source,
                hint=f"{near if near.startswith('did') else ''} Rename a column, or use --map".strip(),
            )


def _json_column(cells: dict[int, dict[str, str]], height: int) -> pl.Series:
    """One JSON object a row, null where a row has no cells."""
    texts = [json.dumps(cell, sort_keys=True, ensure_ascii=False) for cell in cells.values()]
    column = pl.select(pl.lit(None, dtype=pl.String)).to_series().new_from_index(0, height)
    return column.scatter(list(cells), pl.Series(texts, dtype=pl.String)) if cells else column


def _stored(
    typed: pl.DataFrame, table: Table, keyring: Keyring, origin: Origin
) -> tuple[pl.DataFrame, pl.DataFrame]:
    names = [column.name for column in table.columns]
    contents = typed.select(content_expr([*names, "extra"])).to_series()
    typed = typed.with_columns(keyring.fingerprints("row", contents.to_list()).alias("row_hash"))
    if table.identity:
        typed = _with_identifiers(typed, table, keyring)
    customers = _customers(typed, table)
    typed = typed.with_columns(
        keyring.hash_each("customer", customers, origin.source, origin.source_account).alias("customer_key")
    )
    identities = _identities(typed, customers, table, keyring, origin)
    typed = typed.with_columns(
        [redact_texts(typed[name]) for name in _names(table, Kind.PROSE, Kind.BODY)]
        + [redact_urls(typed[name]) for name in _names(table, Kind.URL)]
    )
    stored = [pl.lit(origin.source).alias("source"), pl.lit(origin.source_account).alias("source_account")]
    stored += [expression for column in table.columns for expression in _stored_as(column)]
    return typed.select(*stored, pl.col(SAFE_EXTRA).alias("extra"), "row_hash"), identities


def _stored_as(column: Column) -> list[pl.Expr]:
    match column.kind:
        case Kind.TIME:
            cell = pl.col(column.name)
            return [cell.cast(pl.Datetime("us")), cell.alias(f"{column.name}_us")]
        case Kind.PERSON:
            return [pl.col("customer_key")]
        case Kind.SENDER:
            return [pl.coalesce("customer_key", column.name).alias(column.name)]
        case Kind.BODY:
            return [pl.col(column.name).alias(BODY)]
        case Kind.PRIVATE:
            return []
        case _:
            return [pl.col(column.name)]


def _names(table: Table, *kinds: Kind) -> list[str]:
    return [column.name for column in table.columns if column.kind in kinds]


def _with_identifiers(typed: pl.DataFrame, table: Table, keyring: Keyring) -> pl.DataFrame:
    """Fill missing identifiers: hash of what identifies the row and its number among equal rows."""
    (name,) = table.key
    missing = typed[name].is_null()
    if not missing.any():
        return typed
    ordinal = pl.int_range(pl.len()).over("row_hash").cast(pl.String)
    is_missing = pl.col(name).is_null()
    content = pl.when(is_missing).then(pl.concat_str(content_expr(table.identity), pl.lit("#"), ordinal))
    texts = typed.with_columns(row_hash=pl.when(is_missing).then("row_hash")).select(content).to_series()
    hashes = keyring.fingerprints(name, texts.to_list())
    return typed.with_columns(pl.coalesce(name, hashes).alias(name))


def _customers(typed: pl.DataFrame, table: Table) -> pl.Series:
    """The customer that each row names, as the source writes it."""
    for column in table.columns:
        if column.kind is Kind.PERSON:
            return typed[column.name]
        if column.kind is Kind.SENDER:
            is_customer = typed["sender_type"] == SenderType.CUSTOMER
            return typed[column.name].set(~is_customer, None)
    return pl.select(pl.lit(None, dtype=pl.String)).to_series().new_from_index(0, typed.height)


def _identities(
    typed: pl.DataFrame, customers: pl.Series, table: Table, keyring: Keyring, origin: Origin
) -> pl.DataFrame:
    scope = (origin.source, origin.source_account)
    found = [("customer_id", keyring.hash_each("customer_id", customers, *scope))]
    found += [
        (name, keyring.hash_each(name, _normal(typed[name], name)))
        for name in _names(table, Kind.PRIVATE)
        if name in ("email", "phone")
    ]
    frames = [
        pl.DataFrame({"external_hash": hashes, "customer_key": typed["customer_key"]}).select(
            pl.lit(kind).alias("kind"), "external_hash", "customer_key"
        )
        for kind, hashes in found
    ]
    return pl.concat(frames).drop_nulls().unique(maintain_order=True)


def _normal(cells: pl.Series, kind: str) -> pl.Series:
    """E-mail addresses without case, phone numbers without separators and with ``+`` for ``00``."""
    if kind == "email":
        return cells.str.to_lowercase()
    digits = cells.str.replace_all(r"[^\d+]", "").str.replace(r"^00", "+")
    return digits.set(digits == "", None)
