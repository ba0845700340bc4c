"""What an ingest did, file by file, and what all of them did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    import duckdb

    from staffcast_pipelines.ingest import FileLoad, IngestReport

__all__ = ["loads_history", "loads_table", "quarantined_rows"]


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
    if item.columns_as_extra:
        notes.append(f"kept as extra: {', '.join(item.columns_as_extra)}")
    return notes


def loads_history(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row for every file ever loaded, the newest first, with the columns of ``loads_table``.

    Args:
        con: Connection of the warehouse.
    """
    rows = con.sql(sql_text(__package__, "loads")).pl()
    notes = [
        "; ".join(
            [f"{n} {reason}" for reason, n in json.loads(skipped or "{}").items()]
            + [f"kept as extra: {name}" for name in json.loads(extra or "[]")]
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
