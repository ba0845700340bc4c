"""Redaction at the door: what identifies a person in free text is replaced by a typed mark.

It knows shapes, not names: e-mail addresses, IBANs, card numbers that pass the Luhn check, phone-like
numbers and IPv4 addresses. Names and street addresses in running text are not found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PRIVATE_MARK", "redact", "redact_extras", "redact_texts", "redact_url", "redact_urls"]

PRIVATE_MARK = "[private]"

_SUSPICIOUS = r"@|%40|\d(?:[ ().\-/\x{a0}]{0,3}\d){8}|[A-Z]{2}\d\d ?[A-Z0-9]{4}|\d\.\d+\.\d+\.\d"
_MAYBE = re.compile(_SUSPICIOUS.replace(r"\x{a0}", r"\xa0"))
_ISO_DATE = r"\b(?:19|20)\d\d-\d\d-\d\d\b"
_EMAIL = re.compile(r"[\w.!'+^~%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(
    r"(?<![\w#-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ -])\d{6}\2\d{5}|\d{13,19})(?![\w-])"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IP = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w]|\.\d)")
_PHONE = re.compile(r"(?<![\w#.,:-])(?:\+|\()?\d[\d ().\-/\u00a0]{6,22}\d(?![\w:])")
_DATE = re.compile(
    r"(?<![\d./-])(?:(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d)(?![./-]?\d)"
)
_PRIVATE_NAME = re.compile(
    r"(?i)^(?:(?:customer|visitor|user|contact|requester|client|guest)[_ -]?)?"
    r"(?:(?:first|last|full|sur)?[_ -]?name|e[_-]?mail(?:[_ -]?address)?|phone(?:[_ -]?number)?|mobile"
    r"|address|street|ip(?:[_ -]?address)?|birth[_ -]?(?:day|date)|user[_ -]?agent)$"
)
_MIN_PHONE_DIGITS = 9
_MAX_PHONE_DIGITS = 15


def redact(text: str) -> str:
    """Replace what identifies a person by a mark of its kind.

    Example:
        >>> redact("mail jo@example.org or +49 170 1234567 about #A-104233")
        'mail [email] or [phone] about #A-104233'
        >>> redact("paid 129.90 on 2026-11-02 10:30 with 4111 1111 1111 1111")
        'paid 129.90 on 2026-11-02 10:30 with [card]'
    """
    if not _MAYBE.search(text):
        return text
    text = _EMAIL.sub("[email]", text)
    text = _IBAN.sub("[iban]", text)
    text = _CARD.sub(_card, text)
    text = _IP.sub("[ip]", text)
    return _PHONE.sub(_phone, text)


def redact_url(url: str) -> str:
    """Redact the query and fragment of an address, and e-mail addresses anywhere in it.

    Example:
        >>> redact_url("https://shop.example/help?from=jo%40example.org&page=2")
        'https://shop.example/help?from=[email]&page=2'
    """
    cut = re.search(r"[?#]", url)
    if not cut:
        return _EMAIL.sub("[email]", url)
    path, query = url[: cut.start()], url[cut.start() :]
    # An equals sign and a question mark may stand in an address, but here they separate.
    plain = re.split(r"([?#&=;])", unquote_plus(query))
    safe = [redact(part) for part in plain]
    return _EMAIL.sub("[email]", path) + ("".join(safe) if safe != plain else query)


def redact_texts(texts: pl.Series) -> pl.Series:
    """Redact a column of free text."""
    return _on_hits(texts, _SUSPICIOUS, redact)


def redact_urls(urls: pl.Series) -> pl.Series:
    """Redact a column of addresses."""
    return _on_hits(urls, r"[?#]|@|%40", redact_url)


def redact_extras(extra: dict[str, str]) -> dict[str, str]:
    """Redact the unknown columns of a row; of those that are named like personal data only a mark is kept.

    Example:
        >>> redact_extras({"customer_name": "Jo", "note": "call 030 / 1234 5678"})
        {'customer_name': '[private]', 'note': 'call [phone]'}
    """
    return {
        name: PRIVATE_MARK if _PRIVATE_NAME.match(name) else redact(value) for name, value in extra.items()
    }


def _on_hits(column: pl.Series, pattern: str, function: Callable[[str], str]) -> pl.Series:
    # Dates are the commonest look-alike: without them far fewer rows leave the vectorised path.
    hits = column.str.replace_all(_ISO_DATE, "").str.contains(pattern).fill_null(value=False)
    if not hits.any():
        return column
    replaced = pl.Series([function(text) for text in column.filter(hits)], dtype=pl.String)
    return column.scatter(hits.arg_true(), replaced)


def _card(match: re.Match[str]) -> str:
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])
    is_card = any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return "[card]" if is_card else match[0]


def _phone(match: re.Match[str]) -> str:
    text = match[0]
    n_digits = sum(character.isdigit() for character in text)
    is_marked = text.startswith(("+", "("))
    separators = {character for character in text if not character.isdigit()}
    is_list_of_decimals = {".", " "} <= separators and not is_marked
    if (
        not _MIN_PHONE_DIGITS <= n_digits <= _MAX_PHONE_DIGITS
        or not separators
        or _DATE.search(text)
        or is_list_of_decimals
    ):
        return text
    return "[phone]"
