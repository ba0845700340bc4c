"""Reading a published generation: locked down, thread-safe, limited in time, memory and rows."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb

from staffcast.core.errors import WarehouseError
from staffcast.store.gate import check_statement
from staffcast.store.warehouse import first_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    import polars as pl

    from staffcast.store.generations import Generation

__all__ = ["DEFAULT_TIME_LIMIT_S", "LOCKED_DOWN", "NOTES", "Reader"]

DEFAULT_TIME_LIMIT_S = 60.0

LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "2GB",
    "temp_directory": "",
    "threads": str(min(os.cpu_count() or 1, 4)),
    "lock_configuration": "true",
}
"""Settings of a reading connection: no files, no network, no extensions, bounded memory, nothing spilled."""

NOTES = frozenset({"agent_trait", "cost_day", "leg_day", "message_roots", "queue_calendar", "source_trait"})
"""Tables that the build keeps in a generation for the next build: nobody else reads them."""

_WITHHELD = "fact_"
"""Tables that begin so, and ``agents``, answer no free query under the works-council profile."""


class Reader:
    """A read-only door to one generation.

    Attributes:
        generation: What is being read.
        time_limit_s: Seconds after which a query is stopped, unless it names its own limit.
        min_group: Fewest agents that a figure may rest on; 0 without the works-council profile.
        currency: Of all costs, such as EUR; empty if unknown.
    """

    def __init__(
        self,
        generation: Generation,
        con: duckdb.DuckDBPyConnection,
        *,
        time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    ) -> None:
        self.generation = generation
        self.time_limit_s = time_limit_s
        self._con = con
        self.min_group = int(self._published("min_group") or 0)
        self.currency = self._published("currency")

    def query(
        self,
        sql: str,
        params: Sequence[object] | Mapping[str, object] = (),
        *,
        limit: int | None = None,
        time_limit_s: float | None = None,
    ) -> pl.DataFrame:
        """Run one query of a user; may be called from any thread.

        Args:
            sql: A query on the published tables, with ``$1`` or ``$name`` for parameters.
            params: Their values.
            limit: The most rows to return.
            time_limit_s: Seconds after which the query is stopped.

        Raises:
            WarehouseError: The query is wrong, does more than read published tables, reads what the
                works-council profile withholds, ran too long or needs too much memory.
        """
        tables = self.tables()
        check_statement(self._con.cursor(), sql, tables, withheld=set(self._all_tables) - set(tables))
        return self._run(sql, params, limit, time_limit_s)

    def run(self, sql: str, params: Sequence[object] | Mapping[str, object] = ()) -> pl.DataFrame:
        """Run a statement of this package, which sees to the works-council profile itself.

        Args:
            sql: A query, with ``?``, ``$1`` or ``$name`` for parameters.
            params: Their values.

        Raises:
            WarehouseError: As query().
        """
        return self._run(sql, params, None, None)

    def tables(self) -> list[str]:
        """Names of the tables that a query may read, sorted."""
        names = self._all_tables
        if self.min_group:
            return [name for name in names if name != "agents" and not name.startswith(_WITHHELD)]
        return list(names)

    def close(self) -> None:
        """Close the file."""
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def _all_tables(self) -> list[str]:
        found = self._con.cursor().execute("select table_name from duckdb_tables() order by table_name")
        return [name for (name,) in found.fetchall() if name not in NOTES]

    def _published(self, key: str) -> str:
        if "build_info" not in self._all_tables:
            return ""
        found = self._con.cursor().execute("select value from build_info where key = ?", [key]).fetchall()
        return str(found[0][0]) if found else ""

    def _run(
        self,
        sql: str,
        params: Sequence[object] | Mapping[str, object],
        limit: int | None,
        time_limit_s: float | None,
    ) -> pl.DataFrame:
        # Two threads on one connection get each other's results, so each call has its own cursor.
        cursor = self._con.cursor()
        allowed_s = self.time_limit_s if time_limit_s is None else time_limit_s
        timer = threading.Timer(allowed_s, cursor.interrupt)
        timer.daemon = True
        timer.start()
        try:
            relation = cursor.sql(sql, params=params if isinstance(params, dict) else list(params))
            if relation is None:
                raise WarehouseError("this statement returns no rows", hint="write a query: select ...")
            frame: pl.DataFrame = (relation if limit is None else relation.limit(limit)).pl()
        except duckdb.InterruptException as error:
            raise WarehouseError(
                f"the query was stopped after {allowed_s:g} s", hint="ask for a shorter period"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise WarehouseError(
                f"the query needs more than {LOCKED_DOWN['memory_limit']} of memory",
                hint="ask for a shorter period, or for sums instead of rows",
            ) from error
        except duckdb.Error as error:
            raise WarehouseError(f"the query failed: {first_line(error)}", hint=_hint(error)) from error
        else:
            return frame
        finally:
            timer.cancel()
            cursor.close()


def _hint(error: duckdb.Error) -> str | None:
    lines = [line for line in str(error).splitlines()[1:] if line.startswith(("Candidate", "Did you mean"))]
    return lines[0] if lines else None
