from __future__ import annotations

import re

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from staffcast_pipelines.loading.plain_jsonl import _NOT_HARMLESS
from staffcast_pipelines.privacy.suspicion import SUSPICIOUS, is_suspicious

PIECES = [
    "jo",
    " at ",
    "(at)",
    "[AT]",
    "< at >",
    " dot ",
    ".com",
    "arroba",
    "fe::a",
    "@",
    "%40",
    "17",
    " ",
    "cvv",
    ":",
    "ät",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_suspicious_is_not_harmless(text: str) -> None:
    if is_suspicious(text):
        assert re.search(_NOT_HARMLESS, text)
        assert pl.Series([text]).str.contains(_NOT_HARMLESS).item()


def test_both_patterns_compile_everywhere() -> None:
    assert pl.Series(["call 030 1234 5678"]).str.contains(SUSPICIOUS).item()
    assert not re.search(_NOT_HARMLESS, "plain words, nothing else!")
