"""The people in a chunk: their keys, how they are known, and what may not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.enums import SenderType
from staffcast.store.schema import Kind, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from staffcast_pipelines.loading.keys import Keyring

__all__ = ["agent_pseudonyms", "customers_of", "is_erased", "normal", "people"]

_PEOPLE = {"kind": pl.String, "external_hash": pl.String, "customer_key": pl.String}


def customers_of(cells: pl.DataFrame, table: Table) -> pl.Series:
    """The customer that each row names, as the source writes it."""
    for column in table.columns:
        if column.kind is Kind.PERSON:
            return cells[column.name]
        if column.kind is Kind.SENDER:
            is_customer = cells["sender_type"] == SenderType.CUSTOMER
            return cells[column.name].set(~is_customer, None)
    return pl.select(pl.lit(None, dtype=pl.String)).to_series().new_from_index(0, cells.height)


def people(cells: pl.DataFrame, table: Table, keyring: Keyring) -> pl.DataFrame:
    """``kind``, ``external_hash`` and ``customer_key`` of every way in which the rows name a customer."""
    frames = [
        pl.DataFrame({"external_hash": hashes, "customer_key": cells["customer_key"]}).select(
            pl.lit(kind).alias("kind"), "external_hash", "customer_key"
        )
        for kind, hashes in _external(cells, table, keyring)
    ]
    return pl.concat([pl.DataFrame(schema=_PEOPLE), *frames]).drop_nulls().unique(maintain_order=True)


def _external(cells: pl.DataFrame, table: Table, keyring: Keyring) -> list[tuple[str, pl.Series]]:
    found = [("customer_id", cells["customer_key"])]
    found += [
        (kind, keyring.hash_each(kind, normal(cells[kind], kind)))
        for kind in ("email", "phone")
        if any(column.name == kind and column.kind is Kind.PRIVATE for column in table.columns)
    ]
    return found


def is_erased(
    cells: pl.DataFrame,
    table: Table,
    keyring: Keyring,
    scope: tuple[str, str],
    tombstones: Mapping[str, frozenset[str]],
) -> pl.Series:
    """Whether each row belongs to a person, or to a conversation of a person, that was erased."""
    found = _external(cells, table, keyring)
    for kind in ("conversation", "message"):
        if tombstones.get(kind) and f"{kind}_id" in cells.columns:
            found.append((kind, keyring.hash_each(kind, cells[f"{kind}_id"], *scope)))
    erased = pl.Series([False], dtype=pl.Boolean).new_from_index(0, cells.height)
    for kind, hashes in found:
        erased |= hashes.is_in(list(tombstones.get(kind, ()))).fill_null(value=False)
    return erased


def agent_pseudonyms(
    cells: pl.DataFrame, table: Table, keyring: Keyring, scope: tuple[str, str]
) -> pl.DataFrame:
    """Replace what names an agent: identifiers by short keyed hashes, names by nothing."""
    for column in table.columns:
        if column.kind is Kind.AGENT_NAME:
            cells = cells.with_columns(pl.lit(None, dtype=pl.String).alias(column.name))
        if column.kind not in (Kind.AGENT, Kind.SENDER):
            continue
        agents = cells[column.name].drop_nulls().unique()
        names = [f"agent~{keyring.pseudonym('agent', *scope, agent)}" for agent in agents]
        pseudonym = pl.col(column.name).replace_strict(
            agents, pl.Series(names, dtype=pl.String), default=None, return_dtype=pl.String
        )
        if column.kind is Kind.SENDER:
            is_agent = pl.col("sender_type").is_in([SenderType.AGENT, SenderType.BOT])
            pseudonym = pl.when(is_agent).then(pseudonym).otherwise(pl.col(column.name))
        cells = cells.with_columns(pseudonym.alias(column.name))
    return cells


def normal(cells: pl.Series, kind: str) -> pl.Series:
    """E-mail addresses without case, phone numbers without separators and with ``+`` for ``00``."""
    if kind == "email":
        return cells.str.to_lowercase()
    digits = cells.str.replace_all(r"[^\d+]", "").str.replace(r"^00", "+")
    return digits.set(digits == "", None)
