"""What a reader sees in a text: the same characters without tricks of encoding, each with its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["FILLER", "MARK", "MARKS", "Span", "View", "blank", "text_view", "url_view"]

MARKS = ("email", "phone", "iban", "card", "ip", "name", "address", "private")
MARK = re.compile(rf"\[(?:{'|'.join(MARKS)})\]")
FILLER = "\x00"
"""Stands in a view where a mark is or will be; the view of a text never holds it otherwise."""

Span = tuple[int, int]

_PLAIN = re.compile(r"[\n\r -~¡-¬®-˿Ͱ-ϿЀ-҂Ҋ-ԯ぀-゘ゝ-ヿ一-鿿가-힣]*+")
_URL_PART = re.compile(r"((?:%[0-9A-Fa-f]{2})+)|([/?#&=;])|(\+)")


@dataclass(frozen=True, slots=True)
class View:
    """The readable form of a text.

    Attributes:
        text: The readable form.
        starts: Where each of its characters begins in the original; empty where both are alike.
        ends: Where it ends there.
    """

    text: str
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def original(self, span: Span) -> Span:
        """Where a stretch of the view stands in the original."""
        start, end = span
        return (self.starts[start], self.ends[end - 1]) if self.starts else span


class _Folds(dict[int, str]):
    """How a character reads: '' for one that cannot be seen."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


def _fold(character: str) -> str:
    if character in "\n\r":
        return character
    category = unicodedata.category(character)
    if character == "\t" or category == "Zs":
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    if category in ("Cc", "Cf", "Mn", "Mc", "Me"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\u2212":
        return "-"
    simple = unicodedata.normalize("NFKC", character)
    # A superscript or a circled figure belongs to what it stands at, not to a number.
    return simple if len(simple) == 1 and category != "No" else character


_FOLDS = _Folds()


def text_view(text: str) -> View:
    """Drop what cannot be seen and fold digits, spaces, dashes and wide forms to their plain ones.

    Example:
        >>> text_view("\u0664\u0662\u200b1").text
        '421'
    """
    if _PLAIN.fullmatch(text):
        return View(text)
    folded = text.translate(_FOLDS)
    if len(folded) == len(text):
        return View(folded)
    starts = tuple(place for place, character in enumerate(text) if _FOLDS[ord(character)])
    return View(folded, starts, tuple(place + 1 for place in starts))


def url_view(url: str) -> View:
    """The address with its percent signs resolved, and ``|`` for what separates its parts.

    Example:
        >>> url_view("https://shop.example/a?tel=%2B49+170").text
        'https:||shop.example|a|tel|+49 170'
    """
    query = url.find("?")
    seen: list[tuple[str, int, int]] = []
    at = 0
    for match in _URL_PART.finditer(url):
        seen += _as_is(url, at, match.start())
        at = match.end()
        escaped, separator, plus = match.groups()
        if escaped:
            seen += _unescaped(escaped, match.start())
        else:
            is_space = plus and 0 <= query < match.start()
            seen.append(("|" if separator else " " if is_space else plus, match.start(), at))
    seen += _as_is(url, at, len(url))
    folded = [(_FOLDS[ord(character)], start, end) for character, start, end in seen]
    visible = [sign for sign in folded if sign[0]]
    text = "".join(sign for sign, _, _ in visible)
    return View(text, tuple(start for _, start, _ in visible), tuple(end for _, _, end in visible))


def _as_is(url: str, start: int, end: int) -> list[tuple[str, int, int]]:
    return [(url[place], place, place + 1) for place in range(start, end)]


def _unescaped(escaped: str, at: int) -> list[tuple[str, int, int]]:
    seen = []
    for character in bytes.fromhex(escaped.replace("%", "")).decode(errors="surrogateescape"):
        size = len("%40") * len(character.encode(errors="surrogateescape"))
        seen.append((character, at, at + size))
        at += size
    return seen


def blank(text: str, spans: list[Span]) -> str:
    """Fill stretches, which are in order and apart, so that no later rule sees them."""
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], FILLER * (end - start))
        at = end
    return "".join(parts) + text[at:]
