"""The rows made anew take the place of those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.store.sql import fill, sql_text, statement

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from staffcast_pipelines.build_inputs import Period
    from staffcast_pipelines.delta.changes import Past

__all__ = [
    "execute",
    "replace_contacts",
    "replace_conversations",
    "replace_costs",
    "replace_presence",
    "scope_contacts",
]


def execute(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Run statements of this package."""
    for name in names:
        con.execute(sql_text(__package__, name))


def replace_conversations(con: duckdb.DuckDBPyConnection, *facts: str) -> None:
    """Replace the rows of the scope in facts that lie below a conversation."""
    for fact in facts:
        con.execute(statement(__package__, "replace_conversations", fact=fact))


def scope_contacts(con: duckdb.DuckDBPyConnection, before: Past, covered: Period) -> None:
    """Find the customers whose contacts may have changed, and the contacts of these."""
    con.execute(
        sql_text(__package__, "dirty_customer"),
        {"load_id": before.load_id, "past_us": before.as_of_us, "as_of_us": covered.as_of_us},
    )
    con.table("warehouse.main.contacts").limit(0).create("work.main.contacts")
    execute(con, "scope_contacts")


def replace_contacts(con: duckdb.DuckDBPyConnection) -> None:
    """Replace all contacts of these customers; ``fact_contact`` in ``work`` then holds them all."""
    execute(con, "replace_contacts")


def replace_presence(con: duckdb.DuckDBPyConnection, before: Past, run: Callable[[str], None]) -> None:
    """Build agents' states anew: from the first day on which presence may have changed, and dirty days."""
    bounds = {"load_id": before.load_id, "past_us": before.as_of_us}
    cut = {"cut_us": con.execute(sql_text(__package__, "presence_cut"), bounds).fetchall()[0][0]}
    execute(con, "changed_day")
    for name in ("add_changed_day", "scope_presence", "scope_schedules", "scope_load"):
        con.execute(sql_text(__package__, name), cut)
    run("stg_presence")
    run("fact_agent_state")
    for name in ("delete_presence", "insert_presence", "add_changed_day"):
        con.execute(sql_text(__package__, name), cut)
    for name in ("agent_status", "schedules", "fact_agent_load", "fact_agent_state"):
        con.execute(fill("drop table {{name}}", name=f"work.{name}"))
    for fact in ("fact_agent_load", "fact_agent_state"):
        con.execute(statement(__package__, "update_teams", fact=fact))


def replace_costs(con: duckdb.DuckDBPyConnection, run: Callable[[str], None]) -> None:
    """Give agents' changed days to their legs anew, and price conversations with the bot that changed."""
    execute(con, "scope_cost_state", "scope_cost_load", "scope_cost_conversation")
    run("fact_cost")
    execute(con, "replace_costs", "update_cost_maturity")
    con.execute(statement(__package__, "update_teams", fact="fact_cost"))
