"""Published forecasts as people read them: how good they were, and what overrides added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.reports.wording import DASH

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["judged_table", "value_added"]


def judged_table(scores: pl.DataFrame) -> pl.DataFrame:
    """Scores of ``planning.judged`` in words: shares as percentages."""

    def percent(name: str) -> pl.Expr:
        return (100 * pl.col(name)).map_elements("{:.1f} %".format, pl.String).fill_null(DASH)

    return scores.select(
        "period",
        "version",
        pl.col("queue").fill_null("all queues"),
        pl.col("contacts").round(0).cast(pl.Int64),
        pl.col("expected").round(0).cast(pl.Int64),
        percent("wape").alias("WAPE"),
        percent("plain_wape").alias("without overrides"),
        percent("average_wape").alias("8-week mean"),
        percent("bias").alias("bias"),
        percent("pinball").alias("pinball"),
        percent("coverage_80").alias("coverage 80"),
    )


def value_added(scores: pl.DataFrame) -> Iterator[str]:
    """Whether overrides helped (forecast value added): the error with them and without, over all periods.

    Args:
        scores: of ``planning.judged``; every published version counts.
    """
    parts = scores.filter(pl.col("queue").is_not_null() & (pl.col("n_overridden") > 0))
    parts = parts.drop_nulls(["overridden_wape", "overridden_plain_wape"])
    if parts.is_empty():
        return
    n_intervals, of = parts["n_overridden"].sum(), parts["overridden_contacts"].to_numpy()
    errors = [
        float(parts[name].to_numpy() @ of / of.sum()) for name in ("overridden_wape", "overridden_plain_wape")
    ]
    verdict = "they helped" if errors[0] < errors[1] else "they did not help"
    yield (
        f"overrides changed {n_intervals} published intervals: WAPE {errors[0]:.1%} with them, "
        f"{errors[1]:.1%} without: {verdict}"
    )
