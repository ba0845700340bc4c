"""Telephone numbers: rows of digits that a numbering plan, their form or the words around them give away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from staffcast_pipelines.privacy.cues import Cue, cue_of
from staffcast_pipelines.privacy.numbering import is_international

if TYPE_CHECKING:
    from collections.abc import Iterator

    from staffcast_pipelines.privacy.numbering import Plan
    from staffcast_pipelines.privacy.views import Span

__all__ = ["find_phones", "hide_look_alikes"]

_BETWEEN = r"[ ().\-/]{0,3}"
_RUN = re.compile(rf"[0-9](?:{_BETWEEN}[0-9]){{6}}(?:{_BETWEEN}[0-9])*+")
_OPENING = re.compile(r"(?:\+ ?\(?|\((?:\+ ?)?)$")
_EXTENSION = re.compile(
    r"(?i)[ ,]{0,2}(?:(?:ext(?:ension)?|durchwahl|dw|poste|int(?:erno)?|ramal|toestel|anexo|extensi[óo]n)"
    r"[.: ]{0,3}|x ?|# ?)[0-9]{1,6}(?![0-9A-Za-z])"
)
_GLUED_BEFORE = re.compile(
    r"[A-Za-zÀ-ɏ_#][-_/.]?$|[0-9][,:]$|[0-9A-Fa-f]-$"
    r"|[$€£¥] ?$|(?<![A-Za-z])(?:EUR|USD|GBP|CHF|BRL|R\$|PLN|SEK) ?$"
)
_GLUED_CUE = re.compile(
    r"(?i)(?:tel|fon|phone|mobile?|handy|fax|cell?|call|number|nummer|nr|no|at|hi)[-_/.:]?$"
)
_UNITS = (
    r"€|\$|£|¥|%|°|(?:EUR|USD|GBP|CHF|BRL|PLN|SEK|euros?|dollars?|pounds?|reais|kg|g|km|m|cm|mm|ml|l|[kKMGT]i?B|px|Hz|k?Wh?"
    r"|pcs|pieces|stk|stück|units?|uhr|h|min|s|ms|items?|points?|punkte|puntos|pontos|views|users|rows|bytes?|steps)\b"
)
_GLUED_AFTER = re.compile(rf"[A-Za-zÀ-ɏ_]|[:,]\d|-[A-Za-z]| ?(?:{_UNITS})", re.IGNORECASE)
_HARD_BREAK = re.compile(r"\s+[/.-]\s*|\s*/\s+|[.-]\s+|\s{2,}|\s(?=\()")
_SPACE = re.compile(r" +")
_DIGITS = re.compile(r"[0-9]+")
_TRUNK_IN_BRACKETS = re.compile(r"\(0\)")
_COMPACT_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:[01]\d|2[0-3])?\d{0,4}")
_NORTH_AMERICAN = re.compile(r"(?:1[ .-]?)?\(?[2-9]\d\d(?:\) ?|[-. /])[2-9]\d\d[-. ]\d{4}")
_BRAZILIAN = re.compile(r"\(?[1-9]\d\)? ?(?!(?:19|20)\d\d-(?:19|20)\d\d)9?[ .]?\d{4}-\d{4}")
_SPANISH = re.compile(r"[6-9]\d\d([ .-])(?:\d{3}\1\d{3}|\d\d\1\d\d\1\d\d)|9\d([ .-])\d{3}\2\d\d\2\d\d")
_FORMS = {"US": _NORTH_AMERICAN, "CA": _NORTH_AMERICAN, "BR": _BRAZILIAN, "ES": _SPANISH}
"""What everybody in a region knows for a telephone number, assigned or not."""
_DECIMALS = re.compile(r"[0-9]{1,3}\.[0-9]{1,6}(?: +-?[0-9]{1,3}\.[0-9]{1,6})+")

_FEWEST, _FEWEST_SAID, _FEWEST_WITH_CODE, _MOST = 8, 7, 10, 15
_LONGEST_AREA = 3
_DIGITS_OF_AN_EPOCH = 10
_LOOSE_NATIONAL = range(9, 13)
_USUAL_BARE = range(10, 12)
_MOST_GROUPS = 7

_DAY, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
_TIMES = re.compile(
    rf"(?=[0-9])(?:(?<![\d.-]){_YEAR}-(?:0\d|1[0-2])-[0-3]\d"
    r"(?:(?:T\d\d:?|[ _]\d\d[:.])\d\d(?:[:.]?\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?)?(?!\d)"
    rf"|(?<![\d./-]){_DAY}(?P<sep>[./-]){_DAY}(?P=sep){_YEAR}(?![./-]?\d)"
    rf"|(?<![\d./-]){_DAY}(?P<dot>[./]){_DAY}(?P=dot)\d\d(?![./-]?\d)"
    rf"|(?<![\d./-]){_YEAR}(?P<year>[./])(?:0?[1-9]|1[0-2])(?P=year){_DAY}(?![./-]?\d)"
    r"|(?<![\w:])\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\w:]))"
)
_CODES = re.compile(
    r"\b(?:[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}|[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})\b"
)
_MAY_BE_TIME = re.compile(r"[0-9][-./:][0-9]")
_MAY_BE_CODE = re.compile(r"[A-Z]{2} ?[0-9]{3}|[0-9A-Fa-f]-[0-9A-Fa-f]{4}-")


def hide_look_alikes(text: str, filler: str) -> str:
    """Fill dates, times, UUIDs and postal item codes of a view, so that their figures join no number."""
    for hint, pattern in ((_MAY_BE_CODE, _CODES), (_MAY_BE_TIME, _TIMES)):
        if hint.search(text):
            text = pattern.sub(lambda match: filler * len(match[0]), text)
    return text


def find_phones(text: str, plan: Plan) -> list[Span]:
    """Stretches of a view, freed of look-alikes, that are telephone numbers.

    Args:
        text: The view.
        plan: The numbering of the configured regions.
    """
    spans: list[Span] = []
    for run in _RUN.finditer(text):
        start, end = _trimmed(text, _opening(text, run.start()), run.end())
        for first, last in _phones_in(text, start, end, plan):
            extension = _EXTENSION.match(text, last)
            spans.append((first, extension.end() if extension else last))
    return spans


def _opening(text: str, start: int) -> int:
    """Where a row of digits begins with its plus sign and bracket."""
    if text[start - 1 : start] not in ("+", "(", " "):
        return start
    sign = _OPENING.search(text, max(0, start - 3), start)
    return sign.start() if sign else start


def _trimmed(text: str, start: int, end: int) -> Span:
    """A row of digits without what belongs to the word, price or time at either side."""
    before = text[max(0, start - 12) : start]
    is_marked = text[start] == "+"
    if not is_marked and _GLUED_BEFORE.search(before) and not _GLUED_CUE.search(before):
        space = text.find(" ", start, end)
        start = end if space < 0 else space + 1
    if not is_marked and _GLUED_AFTER.match(text, end) and not _EXTENSION.match(text, end):
        end = max(start, text.rfind(" ", start, end))
    if text[start:end].startswith("(") and ")" not in text[start:end]:
        start += 1
    return start, end


def _phones_in(text: str, start: int, end: int, plan: Plan) -> Iterator[Span]:
    if start >= end:
        return
    if _is_phone(text, start, end, plan, alone=True):
        yield start, end
        return
    for separator in (_HARD_BREAK, _SPACE):
        pieces = _pieces(text, start, end, separator)
        found = (
            [piece for piece in pieces if _is_phone(text, *piece, plan, alone=False)] if pieces[1:] else []
        )
        if found:
            yield from found
            return
    yield from _windows(text, start, end, plan)


def _pieces(text: str, start: int, end: int, separator: re.Pattern[str]) -> list[Span]:
    pieces = []
    for gap in separator.finditer(text, start, end):
        pieces.append((start, gap.start()))
        start = gap.end()
    return [*pieces, (start, end)]


def _windows(text: str, start: int, end: int, plan: Plan) -> Iterator[Span]:
    """Numbers among other figures: those that begin like one and that a plan knows."""
    groups = [group.span() for group in _DIGITS.finditer(text, start, end)]
    first, done = 0, 0
    while first < len(groups):
        last = _last_of_phone(text, groups, first, plan) if _may_begin(text, groups, first, done) else None
        if last is None:
            first += 1
        else:
            yield (start if first == 0 else groups[first][0]), groups[last][1]
            first = done = last + 1


def _may_begin(text: str, groups: list[Span], first: int, done: int) -> bool:
    """Whether a group can open a number: with a nought, after a space, and unlike the group before."""
    start, end = groups[first]
    if "+" in text[max(0, start - 2) : start]:
        return True
    if text[start] != "0" or end - start == 1:
        return False
    before_start, before_end = groups[first - 1] if first else (0, 0)
    is_row = first > done and before_end - before_start == end - start
    return first == done or (text[start - 1] in " (" and not is_row)


def _last_of_phone(text: str, groups: list[Span], first: int, plan: Plan) -> int | None:
    best = None
    is_marked = "+" in text[max(0, groups[first][0] - 2) : groups[first][0]]
    for last in range(first, min(first + _MOST_GROUPS, len(groups))):
        written = text[groups[first][0] : groups[last][1]]
        digits = "".join(_DIGITS.findall(written))
        if len(digits) > _MOST:
            break
        is_dialled = last > first and len(digits) in _LOOSE_NATIONAL and not _is_mixed(written)
        if is_international(digits) if is_marked else is_dialled and _is_dialled(digits, plan):
            best = last
            if last + 1 < len(groups) and text[groups[last + 1][0]] == "0":
                break
    return best


def _is_dialled(digits: str, plan: Plan) -> bool:
    return digits[0] == "0" and (
        plan.is_national(digits) or (digits[1] == "0" and is_international(digits[2:]))
    )


def _is_phone(text: str, start: int, end: int, plan: Plan, *, alone: bool) -> bool:
    written = text[start:end]
    digits = "".join(_DIGITS.findall(written))
    if not _FEWEST_SAID <= len(digits) <= _MOST + 1:
        return False
    if "+" in written[:3]:
        plain = _plain(written)
        return len(plain) >= _FEWEST and is_international(plain, known_length=True)
    if len(digits) > _MOST or _COMPACT_DATE.fullmatch(written) or _DECIMALS.fullmatch(written):
        return False
    if _has_form(written, digits, plan):
        return True
    may_be = _may_be_phone(written, digits, plan)
    if not may_be and not alone:
        return False
    cue = cue_of(text, start, end)
    return may_be if cue is Cue.NONE else cue is Cue.PHONE and (may_be or alone)


def _has_form(written: str, digits: str, plan: Plan) -> bool:
    """Whether it is written like a telephone number and nothing else is."""
    if written == digits or _is_mixed(written):
        return False
    if digits.startswith("00") and is_international(_plain(written)[2:]):
        return True
    return digits[0] == "0" and plan.is_national(digits)


def _may_be_phone(written: str, digits: str, plan: Plan) -> bool:
    """Whether it can be a telephone number, unless it is said to be something else."""
    if written == digits:
        return _may_be_bare_phone(digits, plan)
    if any(name in plan.names and form.fullmatch(written) for name, form in _FORMS.items()):
        return True
    if _is_mixed(written):
        return False
    if digits[0] == "0" and len(_DIGITS.findall(written)[0]) > 1 and len(digits) in _LOOSE_NATIONAL:
        return True
    if digits.startswith(("00", "011")):
        return is_international(_plain(written).lstrip("0").removeprefix("11"), known_length=True)
    sizes = [len(group) for group in _DIGITS.findall(written)]
    if sizes[0] > _LONGEST_AREA or 1 in sizes[1 if "." in written else 2 :]:
        return False
    has_code = len(digits) >= _FEWEST_WITH_CODE and plan.has_calling_code(_plain(written))
    return has_code or (min(sizes) > 1 and plan.is_national(digits))


def _may_be_bare_phone(digits: str, plan: Plan) -> bool:
    if digits.startswith("00"):
        return is_international(digits[2:])
    if digits[0] == "0":
        is_long = len(digits) > _USUAL_BARE[-1]
        is_known = len(digits) in _LOOSE_NATIONAL and plan.is_national(digits, mobile=is_long)
        return is_known or len(digits) in _USUAL_BARE
    # Seconds since 1970 begin with a one, as do old mobile numbers in Brazil.
    if digits[0] == "1" and len(digits) <= _DIGITS_OF_AN_EPOCH:
        return False
    # A fixed line is written with its gaps; nearly any row of figures could be one.
    return plan.is_national(digits, mobile=True) or (
        digits[0] != "1" and plan.has_calling_code(digits, mobile=True)
    )


def _is_mixed(written: str) -> bool:
    """Numbers with a point are set apart by spaces; a telephone number has the one or the other."""
    return "." in written and " " in written and not written.startswith("(")


def _plain(written: str) -> str:
    return "".join(_DIGITS.findall(_TRUNK_IN_BRACKETS.sub("", written)))
