"""The cheap question before the dear one: can a text hold anything that the rules would replace?

One pattern in the syntax that polars, DuckDB (RE2) and Python share: no named class, no word boundary and no
folding of case, which mean other things to each, and every character beyond ASCII stands for itself.
"""

from __future__ import annotations

import re

from staffcast_pipelines.privacy.cues import PHONE_STEMS, PHONE_WORDS
from staffcast_pipelines.privacy.wordlists import word_list

__all__ = ["SUSPICIOUS", "is_suspicious"]

_NOUGHTS = [
    int(code, 16)
    for code in word_list(
        "660 6f0 7c0 966 9e6 a66 ae6 b66 be6 c66 ce6 d66 de6 e50 ed0 f20 1040 1090 17e0 1810 1946 "
        "19d0 1a80 1a90 1b50 1bb0 1c40 1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10 104a0 10d30 11066 "
        "1d7ce 1d7d8 1d7e2 1d7ec 1d7f6 1fbf0"
    )
]
_FOREIGN_DIGIT = "[" + "".join(f"{chr(nought)}-{chr(nought + 9)}" for nought in _NOUGHTS) + "]"


def _class(*ranges: tuple[int, int]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


_HIDDEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f" + _class(
    (0xAD, 0xAD), (0x300, 0x36F), (0x600, 0x605), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),
)  # fmt: skip
_WIDE = "\t \xa0" + _class((0x2000, 0x200A), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000))
_DASHES = r"\-" + _class(
    (0x2010, 0x2015), (0x2212, 0x2212), (0xFE58, 0xFE58), (0xFE63, 0xFE63), (0xFF0D, 0xFF0D)
)
_ALIKE = "．／（）＿，：｜"
_PHONE_GAP = rf"[{_WIDE}{_DASHES}{_HIDDEN}()./{_ALIKE}]{{0,6}}"
_CARD_GAP = rf"[\r\n{_WIDE}{_DASHES}{_HIDDEN}()./_,:|*·•{_ALIKE}]{{0,6}}"
_IBAN_GAP = rf"[{_WIDE}{_DASHES}{_HIDDEN}._/·:{_ALIKE}]{{0,6}}"


def _any_of(*words: str) -> str:
    """Any of some words in any case, which each engine folds in its own way if it is asked to."""
    return "(?:" + "|".join("".join(_both_cases(sign) for sign in word) for word in words) + ")"


def _both_cases(sign: str) -> str:
    return f"[{sign}{sign.upper()}]" if sign.isalpha() else sign


_CUES = rf"(?:{_any_of(*PHONE_STEMS)}|{_any_of(*sorted(PHONE_WORDS))}[^a-zA-Z])"
_AT = _any_of("at", "ät", "arroba", "arobase", "chiocciola", "apenstaartje")
_DOT = _any_of("dot", "punkt", "punto", "point", "ponto", "punt")
_EMAIL = rf"[@＠﹫%％﹪]|[\[({{<（]{_IBAN_GAP}{_AT}{_IBAN_GAP}[\])}}>）]"
_SPELLED = rf" {_AT} {{1,3}}[^ ]{{1,64}} {{1,3}}{_DOT} "
_NUMBER = rf"[0-9](?:{_PHONE_GAP}[0-9]){{8}}|\+{_PHONE_GAP}[0-9](?:{_PHONE_GAP}[0-9]){{7}}"
_SAID = rf"{_CUES}[^\n]{{0,40}}[0-9](?:{_PHONE_GAP}[0-9]){{6}}"
_CARD = rf"[0-9](?:{_CARD_GAP}[0-9]){{11}}"
_CODE_CUES = _any_of(
    *(
        "cvv",
        "cvc",
        "cv2",
        "cid",
        "csc",
        "kartenpr",
        "card sec",
        "card ver",
        "security code",
        "sicherheitscode",
    ),
    *("prüf", "pruf", "code de s", "cryptogr", "de segur", "di sicur", "eiligingscode", "veiligheidsc"),
)
_CARD_CODE = rf"{_CODE_CUES}[^\n]{{0,20}}[0-9]{{3}}"
_IBAN = (
    rf"[A-Za-z]{_IBAN_GAP}[A-Za-z]{_IBAN_GAP}[0-9]{_IBAN_GAP}[0-9](?:{_IBAN_GAP}[A-Z0-9]){{11}}"
    r"|[A-Za-z]{2}[0-9]{2}(?:[A-Za-z0-9]{11}|[ \-][A-Za-z0-9]{4}[ \-][A-Za-z0-9]{4})"
)
_NOTHING = f"[{_HIDDEN}]{{0,3}}"
_OCTET = f"{_NOTHING}[.．]{_NOTHING}[0-9](?:{_NOTHING}[0-9]){{0,2}}"
_IP = rf"[0-9](?:{_OCTET}){{3}}|[0-9A-Fa-f]::|::[0-9A-Fa-f]|(?:[0-9A-Fa-f]{{1,4}}:){{5}}"

SUSPICIOUS = "|".join((_EMAIL, _SPELLED, _FOREIGN_DIGIT, _NUMBER, _SAID, _CARD, _CARD_CODE, _IBAN, _IP))
"""Matches every text that redaction may change, and few others."""

_SUSPICIOUS = re.compile(SUSPICIOUS)


def is_suspicious(text: str) -> bool:
    """Whether the rules must look at a text.

    Example:
        >>> is_suspicious("order 4711 at 10:30"), is_suspicious("jo@example.org")
        (False, True)
    """
    return _SUSPICIOUS.search(text) is not None
