"""What changed since the last build: is it a base at all, and which conversations are dirty?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    import duckdb

    from staffcast_pipelines.build_inputs import Period

__all__ = ["NOTES", "Past", "changes", "past", "unusable"]

NOTES: tuple[str, ...] = (
    "agent_trait",
    "cost_day",
    "leg_day",
    "message_roots",
    "queue_calendar",
    "source_trait",
)
"""Tables of a generation that only the next build reads."""

LARGEST_SHARE = 0.25
"""Above this share of dirty conversations everything is built anew."""


@dataclass(frozen=True, slots=True)
class Past:
    """The state that the last generation was built from.

    Attributes:
        load_id: The newest load in it.
        as_of_us: Instant that its facts are true for.
    """

    load_id: int
    as_of_us: int


def past(con: duckdb.DuckDBPyConnection) -> Past:
    """Read from ``base`` what its build noted."""
    info = _info(con)
    return Past(int(info["built_load_id"]), int(info["as_of_us"]))


def unusable(con: duckdb.DuckDBPyConnection, covered: Period, fingerprint: str) -> str:
    """Why ``base`` cannot be continued, or an empty text.

    Args:
        con: A connection with ``base`` and, in ``work``, the parameters and calendars of this build.
        covered: The period of this build.
        fingerprint: Changes with the rules and settings by which facts are made.
    """
    names = con.sql("select table_name from duckdb_tables() where database_name = 'base'").fetchall()
    if not {(name,) for name in NOTES} <= set(names):
        return "the last generation keeps no notes for it"
    info = _info(con)
    calendar_from_us = con.sql("select calendar_from_us from build_params").fetchall()[0][0]
    if info.get("fingerprint") != fingerprint:
        return "rules or settings changed"
    if int(info["calendar_from_us"]) != calendar_from_us:
        return "the data begin on another day"
    if int(info["as_of_us"]) > covered.as_of_us:
        return "as_of moved back"
    lost_loads, lost_agents, calendars, targets, traits = con.sql(
        sql_text(__package__, "unusable")
    ).fetchall()[0]
    reasons = {
        "loads were removed": lost_loads,
        "agents were removed": lost_agents,
        "opening hours or zones changed": calendars,
        "targets changed": targets,
        "what agents may hold or cost changed": traits,
    }
    return next((reason for reason, n in reasons.items() if n), "")


def changes(con: duckdb.DuckDBPyConnection, before: Past, covered: Period, infer_close_after_us: int) -> str:
    """Write the table ``dirty``; return why a full build is better, or an empty text."""
    con.execute(
        sql_text(__package__, "dirty"),
        {
            "load_id": before.load_id,
            "past_us": before.as_of_us,
            "as_of_us": covered.as_of_us,
            "infer_close_after_us": infer_close_after_us,
        },
    )
    n_dirty, n_built = con.sql(sql_text(__package__, "share")).fetchall()[0]
    return "too much changed" if n_dirty > LARGEST_SHARE * n_built else ""


def _info(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(con.sql("select key, value from base.main.build_info").fetchall())
