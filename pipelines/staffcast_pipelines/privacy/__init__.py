"""Redaction at the door: what identifies a person is replaced by a typed mark.

The rules know shapes and words, not people: e-mail addresses, telephone numbers, IBANs, payment cards with
their security codes and IP addresses. Names and postal addresses are only found where the customer's own
record names them (`terms_of`, `mark_terms`). ``docs/background/redaction.md`` says what is found how often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast_pipelines.privacy.columns import PRIVATE_MARK
from staffcast_pipelines.privacy.numbering import DEFAULT_REGIONS, check_regions
from staffcast_pipelines.privacy.redactor import Redactor, count_marks
from staffcast_pipelines.privacy.suspicion import SUSPICIOUS
from staffcast_pipelines.privacy.terms import Term, distinct_tokens, mark_terms, terms_of, tokens
from staffcast_pipelines.privacy.views import MARKS

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "DEFAULT_REGIONS",
    "MARKS",
    "PRIVATE_MARK",
    "SUSPICIOUS",
    "Redactor",
    "Term",
    "check_regions",
    "count_marks",
    "distinct_tokens",
    "mark_terms",
    "redact",
    "redact_extras",
    "redact_texts",
    "redact_url",
    "redact_urls",
    "terms_of",
    "tokens",
]

_DEFAULT = Redactor()


def redact(text: str) -> str:
    """Redact a text for the default regions."""
    return _DEFAULT.text(text)


def redact_url(url: str) -> str:
    """Redact an address for the default regions."""
    return _DEFAULT.url(url)


def redact_texts(texts: pl.Series) -> pl.Series:
    """Redact a column of free text for the default regions."""
    return _DEFAULT.texts(texts)


def redact_urls(urls: pl.Series) -> pl.Series:
    """Redact a column of addresses for the default regions."""
    return _DEFAULT.urls(urls)


def redact_extras(extra: dict[str, str]) -> dict[str, str]:
    """Redact the unknown columns of a row for the default regions."""
    return _DEFAULT.extras(extra)
