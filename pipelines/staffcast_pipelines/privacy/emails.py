"""E-mail addresses, in any script, percent-encoded, or spelled to be missed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from staffcast_pipelines.privacy.wordlists import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast_pipelines.privacy.views import Span

__all__ = ["find_emails"]

_PUNCTUATION = r".!$'*+^~%-"
_LOCAL = r"(?:[\w.!$'*+^~-]|%(?!40))*+"
_DOMAIN = r"[\w-]++(?:\.[\w-]++)++"
_OPEN_PROVIDERS = "gmail|googlemail|hotmail|outlook|yahoo|icloud|gmx|live|aol|protonmail"
# A run starts once and is read once: no lookbehind inside it can match, no repeat gives back.
_PLAIN = re.compile(
    rf"(?<![\w{_PUNCTUATION}])[{_PUNCTUATION}]*+(\w{_LOCAL}(?:@|%40)(?:{_DOMAIN}|(?:{_OPEN_PROVIDERS})\b))",
    re.IGNORECASE,
)
_AT_WORD = r"(?:at|ät|@|arroba|arobase|chiocciola|apenstaartje)"
_DOT_WORD = r"(?:dot|punkt|punto|point|ponto|punt|\.)"
_OPEN, _CLOSE = r" {0,3}[\[({<] {0,2}", r" {0,2}[\])}>] {0,3}"
_DOT = rf"(?:\.|{_OPEN}{_DOT_WORD}{_CLOSE}| {{1,3}}{_DOT_WORD} {{1,3}})"
_WORDS = rf"(?<![\w.+-])[\w+-]++(?:{_DOT}[\w+-]++){{0,4}}+"
_BRACKETED = re.compile(rf"{_WORDS}{_OPEN}{_AT_WORD}{_CLOSE}[\w-]++(?:{_DOT}[\w-]++){{1,5}}+", re.IGNORECASE)
_SPELLED = re.compile(
    rf"{_WORDS} {{1,3}}{_AT_WORD} {{1,3}}[\w-]++(?:\.[\w-]++)*+"
    rf"(?: {{1,3}}{_DOT_WORD} {{1,3}}[\w-]++){{1,4}}+",
    re.IGNORECASE,
)
_SPELLED_AT = re.compile(rf"(?i)[\[({{< ]{_AT_WORD}[\])}}> ]")
_SPACED = re.compile(rf"(?<![\w{_PUNCTUATION}])\w[\w.+-]*+(?: {{1,3}}@ {{0,3}}|@ {{1,3}}){_DOMAIN}")
_MAIL_CUE = re.compile(
    r"(?i)(?:mail|adress?e?|correo|address|indirizzo)\W{0,3}(?:is|ist|est|es|è|é)?\W{0,3}$"
)
_CUE_LENGTH = 24
_DOTS_OF_AN_IP = 3
_COMMON_ENDS = word_set(
    "com org net info biz edu gov io co eu app dev me uk de at ch fr es it nl be pt br us ca au ie lu "
    "pl se dk no fi cz jp cn in mx ar ru tr example"
)
_LATIN = r"\x00-\u02af\u1e00-\u1eff"
_FOREIGN_HEAD = re.compile(rf"(?s).*[^{_LATIN}]")
_FOREIGN_TAIL = re.compile(rf"(?<=\.)([A-Za-z]{{2,}})[^{_LATIN}][\w.-]*$")


def find_emails(text: str) -> list[Span]:
    """Stretches of a view that are e-mail addresses.

    Example:
        >>> [("jo@example.org, x"[a:b]) for a, b in find_emails("jo@example.org, x")]
        ['jo@example.org']
    """
    spans = list(_plain(text)) if "@" in text or "%40" in text else []
    if _SPELLED_AT.search(text):
        spans += (match.span() for match in _BRACKETED.finditer(text))
        spans += (match.span() for match in _SPELLED.finditer(text) if _has_common_end(match[0]))
    if "@ " in text or " @" in text:
        spans += (match.span() for match in _SPACED.finditer(text) if _is_spaced_address(text, match))
    return _apart(spans) if len(spans) > 1 else spans


def _plain(text: str) -> Iterator[Span]:
    for match in _PLAIN.finditer(text):
        name, _, domain = match[1].replace("%40", "@").partition("@")
        if domain.replace(".", "").isdecimal() and domain.count(".") != _DOTS_OF_AN_IP:
            continue
        start, end = match.span(1)
        # Scripts without spaces glue an address to the words around it.
        tail = _FOREIGN_TAIL.search(domain)
        if tail:
            end -= len(domain) - tail.end(1)
        head = _FOREIGN_HEAD.match(name) if domain.isascii() or tail else None
        if head and head.end() < len(name):
            start += head.end()
        yield start, end - (len(domain) - len(domain.rstrip("-_")))


def _has_common_end(address: str) -> bool:
    return re.split(r"[ .]", address)[-1].lower() in _COMMON_ENDS


def _is_spaced_address(text: str, match: re.Match[str]) -> bool:
    name = match[0].partition("@")[0].rstrip()
    is_named = any(not character.isalpha() for character in name)
    is_announced = _MAIL_CUE.search(text, max(0, match.start() - _CUE_LENGTH), match.start())
    return _has_common_end(match[0]) and (is_named or bool(is_announced))


def _apart(spans: list[Span]) -> list[Span]:
    apart: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart
