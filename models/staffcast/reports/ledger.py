"""What the data-quality checks found, in the lines below a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.reports.wording import format_value

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ledger_text"]


def ledger_text(checks: pl.DataFrame) -> str:
    """A line for each check that found something: how many, of how many, and what it means.

    Args:
        checks: As ``staffcast_pipelines.quality.check`` gives them.
    """
    found = checks.filter(checks["n"] > 0)
    if found.is_empty():
        return f"ledger: none of {checks.height} checks found anything"
    lines = [f"ledger: {found.height} of {checks.height} checks found something"]
    for row in found.sort("share", descending=True, nulls_last=False).iter_rows(named=True):
        of = (
            f" of {row['n_total']:,} ({format_value(row['share'], 'share')})"
            if row["share"] is not None
            else ""
        )
        lines.append(f"  {row['check']}: {row['n']:,}{of} - {row['meaning']}")
    return "\n".join(lines)
