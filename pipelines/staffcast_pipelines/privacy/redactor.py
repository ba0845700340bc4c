"""The redactor: every rule over a text, and the marks in place of what they find."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast_pipelines.privacy.accounts import (
    find_cards,
    find_ibans,
    find_security_codes,
)
from staffcast_pipelines.privacy.columns import PRIVATE_MARK, heading, is_private, redact_json
from staffcast_pipelines.privacy.emails import find_emails
from staffcast_pipelines.privacy.networks import find_ips
from staffcast_pipelines.privacy.numbering import DEFAULT_REGIONS, check_regions, plan_of
from staffcast_pipelines.privacy.phones import find_phones, hide_look_alikes
from staffcast_pipelines.privacy.suspicion import SUSPICIOUS, is_suspicious
from staffcast_pipelines.privacy.urls import redact_parameters, redact_user
from staffcast_pipelines.privacy.views import FILLER, MARK, MARKS, Span, View, blank, text_view, url_view

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Redactor", "count_marks"]

_SEVEN_DIGITS = re.compile(r"(?:[^0-9]*+[0-9]){7}")
_TWELVE_DIGITS = re.compile(r"(?:[^0-9]*+[0-9]){12}")
"""The shortest telephone numbers and cards that are looked for."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces what identifies a person by a typed mark; what it makes of a text depends on nothing else.

    Attributes:
        regions: Where telephone numbers without a calling code are looked for, as ISO 3166 codes.

    Raises:
        ConfigError: A region is unknown.

    Example:
        >>> Redactor().text("mail jo@example.org or +49 170 1234567 about #A-104233")
        'mail [email] or [phone] about #A-104233'
        >>> Redactor(("US",)).text("paid 129.90 on 2026-11-02 10:30 with 4111 1111 1111 1111")
        'paid 129.90 on 2026-11-02 10:30 with [card]'
    """

    regions: tuple[str, ...] = DEFAULT_REGIONS

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", check_regions(self.regions))

    def text(self, text: str) -> str:
        """Redact a text."""
        return self._settled(text, text_view) if is_suspicious(text) else text

    def texts(self, texts: pl.Series) -> pl.Series:
        """Redact a column of free text."""
        hits = texts.str.contains(SUSPICIOUS).fill_null(value=False)
        return _replaced(texts, hits, lambda text: self._settled(text, text_view))

    def url(self, url: str) -> str:
        """Redact an address: who logs in, private parameters, and what identifies a person in any part.

        Example:
            >>> Redactor().url("https://shop.example/u/jo%40example.org?page=2&token=8f2a")
            'https://shop.example/u/[email]?page=2&token=[private]'
        """
        return redact_parameters(self._settled(redact_user(url), url_view))

    def urls(self, urls: pl.Series) -> pl.Series:
        """Redact a column of addresses."""
        # Few addresses are visited by many.
        distinct = urls.unique().drop_nulls()
        safe = pl.Series([self.url(url) for url in distinct], dtype=pl.String)
        changed = distinct != safe
        if not changed.any():
            return urls
        return urls.replace(distinct.filter(changed), safe.filter(changed))

    def extras(self, extra: dict[str, str]) -> dict[str, str]:
        """Redact unknown columns; of those that are named like personal data only a mark is kept.

        Example:
            >>> Redactor().extras({"customer_name": "Jo", "note": "call 030 / 1234 5678"})
            {'customer_name': '[private]', 'note': 'call [phone]'}
        """
        return {name: self._cell(name, value) for name, value in extra.items()}

    def _cell(self, name: str, value: str) -> str:
        if is_private(name):
            return PRIVATE_MARK if value else value
        is_json = value.lstrip()[:1] in ("{", "[")
        return redact_json(value, self._under, name) if is_json else self._under(name, value)

    def _under(self, name: str, value: str) -> str:
        """Redact a value whose name says what its figures are."""
        return self._settled(value, text_view, heading(name))

    def _settled(self, text: str, view: Callable[[str], View], title: str = "") -> str:
        """Redact until nothing is left: a mark can uncover what stood in the shadow of what it hides."""
        while (safe := self._once(text, view, title)) != text:
            text = safe
        return text

    def _once(self, text: str, view: Callable[[str], View], title: str) -> str:
        seen = view(title + text)
        parts: list[str] = []
        at = 0
        for span, mark in sorted(self._find(seen.text)):
            start, end = (place - len(title) for place in seen.original(span))
            if start >= 0:
                parts += (text[at:start], "[", mark, "]")
                at = end
        return "".join(parts) + text[at:] if parts else text

    def _find(self, text: str) -> list[tuple[Span, str]]:
        marks = list(MARK.finditer(text)) if "[" in text else []
        has_card = any(mark[0] == "[card]" for mark in marks)
        text = blank(text, [mark.span() for mark in marks])
        found: list[tuple[Span, str]] = []

        def take(spans: list[Span], mark: str) -> str:
            if not spans:
                return text
            found.extend((span, mark) for span in spans)
            return blank(text, spans)

        text = take(find_emails(text), "email")
        text = take(find_ips(text), "ip")
        if _SEVEN_DIGITS.match(text):
            ibans, wrong_ibans = find_ibans(text)
            text = take(ibans, "iban")
            text = hide_look_alikes(blank(text, wrong_ibans), FILLER)
            if _TWELVE_DIGITS.match(text):
                text = take(find_cards(text), "card")
            text = take(find_phones(text, plan_of(self.regions)), "phone")
        has_card = has_card or any(mark == "card" for _, mark in found)
        take(find_security_codes(text, has_card=has_card), "card")
        return found


def _replaced(column: pl.Series, hits: pl.Series, function: Callable[[str], str]) -> pl.Series:
    if not hits.any():
        return column
    replaced = pl.Series([function(text) for text in column.filter(hits)], dtype=pl.String)
    # Scatter writes into the series it is called on.
    return column.clone().scatter(hits.arg_true(), replaced)


def count_marks(texts: pl.Series) -> dict[str, int]:
    """How many marks of each type a column holds.

    Example:
        >>> count_marks(pl.Series(["[email] or [phone]", "[email]"]))
        {'email': 2, 'phone': 1}
    """
    counts = {mark: texts.str.count_matches(f"[{mark}]", literal=True).sum() for mark in MARKS}
    return {mark: int(count) for mark, count in counts.items() if count}
