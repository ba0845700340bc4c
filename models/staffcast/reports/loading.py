"""What an ingest did, file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from staffcast_pipelines.ingest import FileLoad, IngestReport

__all__ = ["loads_table"]


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
