"""What an ingest did, file by file, and what all of them did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from staffcast_pipelines.ingest import FileLoad, IngestReport

__all__ = ["loads_history", "loads_table", "quarantined_rows"]

_MOST_NAMES = 20


def loads_table(report: IngestReport) -> pl.DataFrame:
    """One row per file: its rows are always the sum of the five columns after them."""
    return pl.DataFrame(
        [
            {
                "file": item.file,
                "table": item.table,
                "rows": item.n_rows,
                "new": item.n_new,
                "updated": item.n_updated,
                "duplicate": item.n_duplicate,
                "quarantined": item.n_quarantined,
                "skipped": item.n_skipped,
                "suppressed": item.n_suppressed,
                "note": "; ".join(_notes(item)),
            }
            for item in report.files
        ],
        schema_overrides={"note": pl.String},
    )


def _notes(item: FileLoad) -> list[str]:
    notes = ["already loaded"] if item.already_loaded else []
    for reason in item.reasons:
        line = f" (first in line {reason.first_line})" if reason.first_line else ""
        notes.append(f"{reason.n} {reason.text}{line}")
    return notes + _kept_as_extra(item.columns_as_extra)


def _kept_as_extra(columns: Sequence[str]) -> list[str]:
    """Their names, or of very many the first: keys that are ids would fill screens."""
    if not columns:
        return []
    more = len(columns) - _MOST_NAMES
    return [f"kept as extra: {', '.join(columns[:_MOST_NAMES])}{f' and {more} more' if more > 0 else ''}"]


def loads_history(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row for every file ever loaded, the newest first, with the columns of ``loads_table``.

    Args:
        con: Connection of the warehouse.
    """
    rows = con.sql(sql_text(__package__, "loads")).pl()
    notes = [
        "; ".join(
            [f"{n} {reason}" for reason, n in json.loads(skipped or "{}").items()]
            + _kept_as_extra(json.loads(extra or "[]"))
        )
        for skipped, extra in rows.select("skipped_reasons", "columns_kept_as_extra").iter_rows()
    ]
    kept: pl.DataFrame = rows.drop("skipped_reasons", "columns_kept_as_extra")
    return kept.with_columns(pl.Series("note", notes, dtype=pl.String))


def quarantined_rows(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every row that could not be loaded: file, line, field and reason.

    Args:
        con: Connection of the warehouse.
    """
    rows: pl.DataFrame = con.sql(sql_text(__package__, "quarantine")).pl()
    return rows
