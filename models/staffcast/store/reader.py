"""Reading a published generation: locked down, thread-safe, limited in time and rows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import duckdb

from staffcast.core.errors import WarehouseError
from staffcast.store.warehouse import first_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    import polars as pl

    from staffcast.store.generations import Generation

__all__ = ["Reader"]

DEFAULT_TIME_LIMIT_S = 60.0


class Reader:
    """A read-only door to one generation.

    Attributes:
        generation: What is being read.
    """

    def __init__(self, generation: Generation, con: duckdb.DuckDBPyConnection) -> None:
        self.generation = generation
        self._con = con

    def query(
        self,
        sql: str,
        params: Sequence[object] | Mapping[str, object] = (),
        *,
        limit: int | None = None,
        time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    ) -> pl.DataFrame:
        """Run one query; may be called from any thread.

        Args:
            sql: A query, with ``$1`` or ``$name`` for parameters.
            params: Their values.
            limit: The most rows to return.
            time_limit_s: Seconds after which the query is stopped.

        Raises:
            WarehouseError: The query is wrong, writes, or ran too long.
        """
        # Two threads on one connection get each other's results, so each call has its own cursor.
        cursor = self._con.cursor()
        timer = threading.Timer(time_limit_s, cursor.interrupt)
        timer.daemon = True
        timer.start()
        try:
            if len(duckdb.extract_statements(sql)) != 1:
                raise WarehouseError("a query is one statement", hint="run them one by one")
            relation = cursor.sql(sql, params=params if isinstance(params, dict) else list(params))
            if relation is None:
                raise WarehouseError("this statement returns no rows", hint="write a query: select ...")
            frame: pl.DataFrame = (relation if limit is None else relation.limit(limit)).pl()
        except duckdb.InterruptException as error:
            raise WarehouseError(
                f"the query was stopped after {time_limit_s:g} s", hint="ask for a shorter period"
            ) from error
        except duckdb.Error as error:
            raise WarehouseError(f"the query failed: {first_line(error)}", hint=_hint(error)) from error
        else:
            return frame
        finally:
            timer.cancel()
            cursor.close()

    def tables(self) -> list[str]:
        """Names of the published tables, sorted."""
        return self.query("select table_name from duckdb_tables() order by table_name")[
            "table_name"
        ].to_list()

    def close(self) -> None:
        """Close the file."""
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _hint(error: duckdb.Error) -> str | None:
    lines = [line for line in str(error).splitlines()[1:] if line.startswith(("Candidate", "Did you mean"))]
    return lines[0] if lines else None
