"""Agents that were stored before the profile was on get the pseudonyms that later loads give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.store.schema import CANONICAL_TABLES, Column, Kind, Table
from staffcast.store.sql import statement
from staffcast_pipelines.loading.keys import Keyring
from staffcast_pipelines.loading.people import agent_pseudonyms
from staffcast_pipelines.works_council.policy import Profile, are_pseudonyms, profile, remember_pseudonyms

if TYPE_CHECKING:
    from staffcast.core.config import Settings
    from staffcast.store.warehouse import Warehouse

__all__ = ["prepare", "pseudonymise_stored"]

_AGENT = Table("agent_names", (Column("agent_id", Kind.AGENT),), key=("agent_id",))


def prepare(warehouse: Warehouse, settings: Settings) -> Profile:
    """The profile that a build has to follow; where it is on, stored agents get their pseudonyms first.

    Args:
        warehouse: The open warehouse.
        settings: What was asked for; a lock of the warehouse is stronger.
    """
    held = profile(warehouse.con, settings)
    if held.is_on:
        pseudonymise_stored(warehouse)
    return held


def pseudonymise_stored(warehouse: Warehouse) -> int:
    """Replace agent identifiers in the canonical tables by keyed hashes, and drop agents' names.

    Rows that carry a pseudonym already stay as they are, so it may be done again at any time. Where something
    was replaced the database file is written anew, since the old one keeps the bytes.

    Returns:
        Number of different agents whose identifier was replaced.
    """
    from staffcast_pipelines.lifecycle.rewriting import rewrite  # which builds, which comes here

    with warehouse.transaction():
        n_replaced = _replace(warehouse)
    if n_replaced or not are_pseudonyms(warehouse.con):
        rewrite(warehouse)
        remember_pseudonyms(warehouse.con)
    return n_replaced


def _replace(warehouse: Warehouse) -> int:
    con = warehouse.con
    con.execute(statement(__package__, "clear_agents"))
    for table, column in _agent_columns():
        con.execute(statement(__package__, f"find_{column}", table=table))
    con.execute("update agents set name = null, extra = null where name is not null or extra is not null")
    found: pl.DataFrame = con.table("clear_agents").pl()
    if not found.is_empty():
        con.register("agent_pseudonyms", _pseudonyms(found, warehouse).to_arrow())
        try:
            for table, column in _agent_columns():
                con.execute(statement(__package__, f"replace_{column}", table=table))
        finally:
            con.unregister("agent_pseudonyms")
    con.execute("drop table clear_agents")
    return found.height


def _agent_columns() -> list[tuple[str, str]]:
    return [
        (table.name, column.name)
        for table in CANONICAL_TABLES
        for column in table.columns
        if column.kind in (Kind.AGENT, Kind.SENDER)
    ]


def _pseudonyms(agents: pl.DataFrame, warehouse: Warehouse) -> pl.DataFrame:
    keyring = Keyring.open(warehouse.data_dir, create=False)
    parts = [
        part.with_columns(
            agent_pseudonyms(part.select("agent_id"), _AGENT, keyring, (str(source), str(account)))[
                "agent_id"
            ].alias("pseudonym")
        )
        for (source, account), part in agents.group_by("source", "source_account", maintain_order=True)
    ]
    return pl.concat(parts)
