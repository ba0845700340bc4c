"""Bank accounts and payment cards: numbers that carry their own proof."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from string import ascii_uppercase
from typing import TYPE_CHECKING

from stdnum import iban, luhn, numdb

from staffcast_pipelines.privacy.cues import Cue, cue_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast_pipelines.privacy.views import Span

__all__ = ["find_cards", "find_ibans", "find_security_codes"]

_BETWEEN = r"[ \-._/·:]{0,3}"
_IBAN_FIGURE = re.compile(rf"[0-9](?:(?<=[A-Za-z]{{2}}.)|(?<=[A-Za-z]{{2}}[ ._/·:-].))(?={_BETWEEN}[0-9])")
_CODE_OF_COUNTRY = re.compile(r"[A-Z]{2}[0-9]{2}")
_NOT_IN_IBAN = re.compile(r"[^A-Za-z0-9]")
_STRUCTURE = re.compile(r"(\d+)!")

_CARD_BETWEEN = r"[ .\-_/,:|*·•\r\n]{0,3}"
_CARD_RUN = re.compile(rf"[0-9](?:{_CARD_BETWEEN}[0-9]){{11}}(?:{_CARD_BETWEEN}[0-9])*+")
_GROUP = re.compile(r"[0-9]+")
_CARD_CUE = re.compile(
    r"(?i)(?:card|visa|mc|amex|master|karte|carte|tarjeta|carta|kaart|cart[aã]o|nr|no)[-_]?$"
)
_GLUED_BEFORE = re.compile(r"[A-Za-zÀ-ɏ_][-_/]?$")
_GLUED_AFTER = re.compile(r"[-_/]?(?!(?i:exp|cv|valid))[A-Za-zÀ-ɏ_]")
_N_DIGITS = range(12, 20)
_SHORT_CARD = 13
_SHAPES = frozenset(
    {
        (4, 4, 4, 4),
        (4, 6, 5),
        (4, 6, 4),
        (4, 4, 4, 4, 3),
        (4, 4, 4, 3),
        (4, 4, 4, 1),
        (4, 4, 4),
        (8, 8),
        (6, 13),
    }
    | {(n,) for n in _N_DIGITS}
)
"""How cards are printed; within a longer row of numbers only these count."""

_NETWORKS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-59]|[689]\d)\d{11,16}"  # Diners Club
    r"|(?:2131|1800)\d{11}|35\d{14}(?:\d{1,3})?"  # JCB
    r"|(?:6011|64[4-9]\d|65\d\d|60\d\d|62\d\d|8[12]\d\d)\d{12,15}"  # Discover, RuPay, Hipercard, UnionPay
    r"|(?:220[0-4]|9792|50[0-9]{2}|636[0-9]|63[7-9]\d)\d{12,15}"  # Mir, Troy, Verve, Elo, InstaPayment
    r"|(?:50[0-9]{2}|5[6-8]\d\d|6304|6390|67\d\d|0604)\d{8,15}"  # Maestro
)

_CODE_CUE = (
    r"(?:cvv2?|cvc2?|cv2|cid|csc|card (?:security|verification) (?:code|number|value)|kartenpr[üu]fnummer)"
)
_WEAK_CODE_CUE = (
    r"(?:security code|sicherheitscode|pr[üu]f(?:nummer|ziffer)|code de s[ée]curit[ée]|cryptogramme"
    r"|c[óo]digo de seguran[çc]a|c[óo]digo de seguridad|codice di sicurezza|beveiligingscode|veiligheidscode)"
)
_THREE_OR_FOUR = r"([0-9]{3,4})(?![0-9])(?![.,:/-][0-9])"
_CODE = (
    rf"[^\w\n\x00]{{0,3}}(?:(?:code|number|no|nr|is|ist|est|es|è|é)[^\w\n\x00]{{1,3}}){{0,2}}{_THREE_OR_FOUR}"
)
_CODE_HINTS = ("cv", "csc", "cid", "code", "digo", "codic", "prüf", "pruf", "crypto")
_STRONG_CODE = re.compile(rf"(?<![A-Za-z]){_CODE_CUE}{_CODE}", re.IGNORECASE)
_WEAK_CODE = re.compile(rf"(?<![A-Za-z]){_WEAK_CODE_CUE}{_CODE}", re.IGNORECASE)
_EXPIRY = r"(?:0?[1-9]|1[0-2]) ?[/.-] ?(?:20)?[2-9][0-9]"
_CARD_TAIL = re.compile(
    rf"[ ,;/|.-]{{1,3}}(?:[a-zA-Zü]{{2,8}}[ .:]{{0,2}}){{0,2}}{_EXPIRY}[ ,;/|-]{{1,3}}"
    rf"(?:(?:code|{_CODE_CUE}|{_WEAK_CODE_CUE})[ .:]{{1,3}})?{_THREE_OR_FOUR}"
    r"|[ ,;/|-]{1,3}([0-9]{3})(?=\s*(?:\n|$))",
    re.IGNORECASE,
)


@cache
def _iban_patterns() -> dict[str, re.Pattern[str]]:
    """How many letters and figures the IBAN of each country has, as a pattern by the country's letters."""
    table = numdb.get("iban")
    found = {
        country: table.info(country)[0][1] for country in map("".join, product(ascii_uppercase, repeat=2))
    }
    lengths = {
        country: len("DE89") + sum(int(size) for size in _STRUCTURE.findall(properties["bban"]))
        for country, properties in found.items()
        if properties
    }
    return {
        country: re.compile(rf"[A-Za-z](?:{_BETWEEN}[A-Za-z0-9]){{{length - 1}}}(?![A-Za-z0-9])")
        for country, length in lengths.items()
    }


def find_ibans(text: str) -> tuple[list[Span], list[Span]]:
    """Stretches of a view that are IBANs, and those that are only written like one.

    An IBAN has its country's length and form and right check digits. What a country checks inside its own
    part is not asked for: a wrong bank code is still an account number.

    Example:
        >>> text = "to de89 3704 0044 0532 0130 00 please"
        >>> [text[a:b] for a, b in find_ibans(text)[0]]
        ['de89 3704 0044 0532 0130 00']
    """
    right: list[Span] = []
    wrong: list[Span] = []
    end = 0
    for figure in _IBAN_FIGURE.finditer(text):
        start = figure.start() - (2 if text[figure.start() - 1].isalpha() else 3)
        pattern = _iban_patterns().get(text[start : start + 2].upper())
        match = pattern.match(text, start) if pattern and start >= end else None
        if not match or not _stands_alone(text, start):
            continue
        if _is_iban(match[0]):
            right.append(match.span())
            end = match.end()
        elif _CODE_OF_COUNTRY.match(match[0]):
            wrong.append(match.span())
            end = match.end()
    return right, wrong


def _stands_alone(text: str, start: int) -> bool:
    before = text[max(0, start - len("iban")) : start]
    return not before[-1:].isalnum() or before.lower() == "iban"


def _is_iban(written: str) -> bool:
    return iban.is_valid(_NOT_IN_IBAN.sub("", written), check_country=False)


def find_cards(text: str) -> list[Span]:
    """Stretches of a view that are card numbers, with the security code that follows one.

    Example:
        >>> [("4111-1111-1111-1111 12/27 123"[a:b]) for a, b in find_cards("4111-1111-1111-1111 12/27 123")]
        ['4111-1111-1111-1111 12/27 123']
    """
    spans: list[Span] = []
    for run in _CARD_RUN.finditer(text):
        for start, end in _cards_in(text, run):
            tail = _CARD_TAIL.match(text, end)
            spans.append((start, tail.end() if tail else end))
    return spans


def _cards_in(text: str, run: re.Match[str]) -> Iterator[Span]:
    groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
    found: list[tuple[int, int]] = []
    first = 0
    while first < len(groups):
        last = _last_of_card(text, groups, first)
        if last is None:
            first += 1
        else:
            found.append((first, last))
            first = last + 1
    in_cards = {place for first, last in found for place in (first, last)}
    for first, last in found:
        beside = {first - 1, last + 1} - in_cards
        if not any(_continues(text, groups, first, place) for place in beside):
            yield groups[first][0], groups[last][1]


def _last_of_card(text: str, groups: list[Span], first: int) -> int | None:
    """The last of the groups that make the longest card with the first one, if any do."""
    best, digits = None, ""
    for last in range(first, len(groups)):
        start, end = groups[last]
        digits += text[start:end]
        if len(digits) > _N_DIGITS[-1]:
            break
        if (
            len(digits) >= _N_DIGITS[0]
            and _NETWORKS.fullmatch(digits)
            and luhn.is_valid(digits)
            and _is_printed_so(text, groups, first, last)
            and not _is_something_else(text, groups[first][0], end, len(digits))
        ):
            best = last
    return best


def _is_printed_so(text: str, groups: list[Span], first: int, last: int) -> bool:
    sizes = [end - start for start, end in groups[first : last + 1]]
    is_whole = first == 0 and last == len(groups) - 1
    is_even = len(set(sizes[:-1])) <= 1 and sizes[-1] <= sizes[0]
    return tuple(sizes) in _SHAPES or (
        is_whole and is_even and len(set(_gaps(text, groups, first, last))) <= 1
    )


def _continues(text: str, groups: list[Span], first: int, place: int) -> bool:
    """Whether a neighbour is another one in a longer row of such groups, so that no card was meant."""
    if not 0 <= place < len(groups):
        return False
    sizes = [end - start for start, end in (groups[first], groups[place])]
    low = min(place, first) if place < first else place - 1
    return sizes[0] == sizes[1] and _gaps(text, groups, low, low + 1) == _gaps(text, groups, first, first + 1)


def _gaps(text: str, groups: list[Span], first: int, last: int) -> list[str]:
    return [text[groups[place][1] : groups[place + 1][0]] for place in range(first, last)]


def _is_something_else(text: str, start: int, end: int, n_digits: int) -> bool:
    before = text[max(0, start - 12) : start]
    is_glued = _GLUED_BEFORE.search(before) and not _CARD_CUE.search(before)
    if is_glued or text[start - 1 : start] == "+" or _GLUED_AFTER.match(text, end):
        return True
    return n_digits <= _SHORT_CARD and cue_of(text, start, end) is Cue.OTHER


def find_security_codes(text: str, *, has_card: bool) -> list[Span]:
    """Stretches of a view that are card security codes, by the words before them.

    Args:
        text: The view.
        has_card: Whether the text holds a card number, so that vaguer words count too.
    """
    lower = text.lower()
    if not any(hint in lower for hint in _CODE_HINTS):
        return []
    patterns = (_STRONG_CODE, _WEAK_CODE) if has_card else (_STRONG_CODE,)
    return sorted(match.span(1) for pattern in patterns for match in pattern.finditer(text))
