"""The bounds that docs/background/redaction.md promises, on messages made afresh."""

from __future__ import annotations

import pytest
from tests.benchmark.bench_redaction import BEGIN, END, PAGE, false_hits, mean_of, page, recall
from tests.benchmark.redaction_secrets import LOCALES
from tests.benchmark.redaction_texts import TOPICS

QUICK, ALL = 150, 2_000


@pytest.mark.parametrize("n", [QUICK, pytest.param(ALL, marks=pytest.mark.slow)])
def test_recall(n: int) -> None:
    shares = recall(n)
    for kind in ("email", "iban", "card"):
        assert mean_of(shares, kind) >= 0.995, kind
    for locale in LOCALES:
        assert shares["phone", locale] >= 0.95, locale


@pytest.mark.parametrize("n", [QUICK, pytest.param(ALL, marks=pytest.mark.slow)])
def test_false_hits(n: int) -> None:
    shares = false_hits(n)
    assert sum(mean_of(shares, topic) for topic in TOPICS) / len(TOPICS) <= 0.01


def test_the_page_has_room_for_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, "x").split(BEGIN)[1].split(END)[0] == "\nx\n"
    assert "| phone |" in text
    assert "| order numbers |" in text
