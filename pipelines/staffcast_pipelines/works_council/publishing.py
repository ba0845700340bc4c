"""Publishing under the profile: a generation without agents, small teams and small sites.

The build writes its facts with agents in them. Here they are copied into a new file that takes the place of
the old: a file keeps the bytes of rows that were changed or deleted in it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from staffcast.store.facts import FACT_TABLES, FactTable
from staffcast.store.sql import statement

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

    from staffcast.store.generations import Draft, Generation
    from staffcast_pipelines.works_council.policy import Profile

__all__ = ["apply_profile", "forget_earlier"]

_SECRET_BYTES = 32
_BARE = "bare"


def apply_profile(draft: Draft, profile: Profile, published: Collection[str]) -> None:
    """Replace the file of a draft by one that says nothing about a person or a small group.

    Does nothing while the profile is off. What results is no base for an incremental build.

    Args:
        draft: The generation in the making, all facts and tables written.
        profile: The profile in force.
        published: Canonical tables beside the facts.
    """
    if not profile.is_on:
        return
    con = draft.warehouse.con
    path = draft.unfinished.with_name(f"{draft.unfinished.name}-{_BARE}")
    con.execute("attach ? as bare", [str(path)])
    path.chmod(0o600)
    secret = secrets.token_hex(_SECRET_BYTES)  # forgotten after this publication: nothing links two of them
    for label in ("team", "site"):
        small = con.sql(
            statement(__package__, "small_groups", label=label), params={"min_group": profile.min_group}
        )
        small.create(f"work.main.small_{label}")
    for name in ("level_states", "level_costs"):
        con.execute(statement(__package__, name))
    for table in FACT_TABLES:
        _withheld(con, table, profile, secret).create(f"{_BARE}.main.{table.name}")
    for name in published:
        rows = con.sql(statement(__package__, "withhold_agent_list")) if name == "agents" else None
        (con.table(f"facts.main.{name}") if rows is None else rows).create(f"{_BARE}.main.{name}")
    con.execute("checkpoint bare")
    con.execute("reset search_path")
    con.execute("detach database bare")
    con.execute("detach database facts")
    path.replace(draft.unfinished)
    con.execute("attach ? as facts", [str(draft.unfinished)])


def forget_earlier(generation: Generation, profile: Profile) -> None:
    """Remove the generations before this one if the profile is on: they may name agents.

    Args:
        generation: The current generation.
        profile: The profile in force.
    """
    if not profile.is_on:
        return
    for path in generation.path.parent.glob("gen-*.duckdb*"):
        if not path.name.startswith(generation.path.name):
            path.unlink(missing_ok=True)


def _withheld(
    con: duckdb.DuckDBPyConnection, table: FactTable, profile: Profile, secret: str
) -> duckdb.DuckDBPyRelation:
    """The rows of a fact as they may be published."""
    names = [column.name for column in table.columns]
    if table.name == "fact_conversation":
        return con.sql(statement(__package__, "withhold_conversations"))
    if table.name == "build_info":
        state = "locked" if profile.is_locked else "on"
        info = {"state": state, "min_group": profile.min_group}
        return con.sql(statement(__package__, "profile_info"), params=info)
    if "agent_id" not in names:
        return con.table(f"facts.main.{table.name}")
    text = "withhold_teams" if "team" in table.dimensions else "withhold_agents"
    order = next((name for name in names if name.endswith("_at_us")), names[0])
    return con.sql(
        statement(__package__, text, fact=table.name, day=f"{table.cohorts[0]}_date", order=order),
        params={"secret": secret},
    )
