from __future__ import annotations

import polars as pl

from staffcast.reports.ledger import ledger_text


def checks(*found: tuple[str, int, int, float | None]) -> pl.DataFrame:
    rows = [(name, n, n_total, share, f"{name} rows") for name, n, n_total, share in found]
    return pl.DataFrame(rows, schema=["check", "n", "n_total", "share", "meaning"], orient="row")


def test_what_was_found_is_listed_by_share() -> None:
    text = ledger_text(checks(("late", 5, 1000, 0.005), ("orphans", 20, 100, 0.2), ("skew", 0, 100, 0.0)))
    assert text.splitlines() == [
        "ledger: 2 of 3 checks found something",
        "  orphans: 20 of 100 (20.0 %) - orphans rows",
        "  late: 5 of 1,000 (0.5 %) - late rows",
    ]


def test_without_a_finding_one_line() -> None:
    assert ledger_text(checks(("late", 0, 0, None))) == "ledger: none of 1 checks found anything"
