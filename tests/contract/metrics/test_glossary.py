"""The reference of metrics is what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from staffcast.metrics import catalogue
from staffcast.reports.glossary import facts_of, glossary

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"


def test_the_reference_is_that_of_the_catalogue() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == glossary(), (
        "run `staffcast metrics --glossary -o docs/reference/metrics.md`"
    )


def test_every_metric_is_in_it() -> None:
    text = glossary()
    assert all(f"`{record.id}`" in text for record in catalogue())
    assert all(facts_of(record)["definition"] in text for record in catalogue())
