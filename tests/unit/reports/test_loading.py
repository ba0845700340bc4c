from __future__ import annotations

from staffcast.reports.loading import loads_table
from staffcast_pipelines.loading.ledger import FileLoad, IngestReport


def note(*columns: str) -> str:
    load = FileLoad("messages.jsonl", "messages", 3, n_new=3, columns_as_extra=columns)
    found: str = loads_table(IngestReport((load,)))["note"].item()
    return found


def test_unknown_columns_are_named() -> None:
    assert note() == ""
    assert note("mood", "rating") == "kept as extra: mood, rating"


def test_of_thousands_of_unknown_columns_the_first_are_named() -> None:
    names = [f"k{i}" for i in range(9800)]
    assert note(*names) == f"kept as extra: {', '.join(names[:20])} and 9780 more"
    assert note(*names[:20]) == f"kept as extra: {', '.join(names[:20])}"
