"""Names and postal addresses that a customer's own record tells, found again in what is written.

A record becomes *terms*: words in a plain spelling. Who stores them hashes them with a key, so that a text is
asked word by word and nothing but a word can be known. A word is judged by itself and by the sentence around
it, never by what became of its neighbours, so records may come in any order. Three exceptions: a word that
is a name to one record and an address to another keeps the mark it got first (at once, the name wins); in
scripts without spaces, of terms that overlap the first one found counts; and a house number goes with its
street only while the street is still there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from staffcast_pipelines.privacy.columns import kind_of_column
from staffcast_pipelines.privacy.spelling import DENSE, WORD, WORD_OF_POLARS, plain_spelling, spellings
from staffcast_pipelines.privacy.views import MARK
from staffcast_pipelines.privacy.wordlists import NAMES_THAT_ARE_WORDS, NOT_NAMES, NOT_STREETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

__all__ = ["Kind", "Term", "distinct_tokens", "mark_terms", "terms_of", "tokens"]

Kind = Literal["name", "address"]
Token = tuple[str, int, int]

_SHORTEST = {"name": 3, "address": 4}
_LONGEST_DENSE = 6
_WORD = re.compile(WORD)
_RUN = re.compile(rf"[{DENSE}]++|[^{DENSE}]++")
_IS_DENSE = re.compile(rf"[{DENSE}]")
_JOINED_BY_APOSTROPHE = re.compile(r"[^\W\d_]+['’][^\W\d_]+")
_JOINT = re.compile(r"\. ?|[ \xa0-]")
_PREFIX = re.compile(r"(?<![^\W_])[A-Z]['’]$")
_FIGURE = re.compile(r"\d")
_OF_PAIRS_OR_DENSE = rf"[\p{{N}}{DENSE}]"
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n\r…。！？¡¿]|\n[ \t]*[-*•>])[\s\"'»«“”„(\[]*$")
_BETWEEN_MARKS = re.compile(r"\[(?:name\](?:[ \xa0-]\[name\])+|address\](?:,?[ \xa0-]?\[address\])+)")
_LOOK_BACK = 24


@dataclass(frozen=True, slots=True)
class Term:
    """A word that tells who somebody is or where they live.

    Attributes:
        kind: ``name`` or ``address``.
        text: In plain spelling, as `tokens` gives the words of a text.
    """

    kind: Kind
    text: str


def terms_of(record: Mapping[str, str]) -> frozenset[Term]:
    """The terms of a customer's record, from its columns that are named like a name or an address.

    Of a name its words of three letters or more count (of two in scripts without spaces), of an address its
    words of four, its postcode, and the street with the number. Titles, particles and words such as "street"
    name nobody and are left out.

    Args:
        record: Text by the name of its column.

    Example:
        >>> sorted(term.text for term in terms_of({"name": "Dr. Anna Müller", "city": "Köln"}))
        ['anna', 'koeln', 'koln', 'mueller', 'muller']
    """
    found: set[Term] = set()
    for column, text in record.items():
        kind = kind_of_column(column)
        if kind == "name":
            found.update(Term("name", spelling) for spelling in _name_words(text))
        elif kind == "address":
            found.update(Term("address", spelling) for spelling in _address_words(text))
    return frozenset(found)


def _name_words(text: str) -> Iterator[str]:
    for word, start, end in _words(text):
        if _IS_DENSE.match(word):
            yield from (word,) if 1 < len(word) <= _LONGEST_DENSE else ()
        elif len(word) >= _SHORTEST["name"] and word not in NOT_NAMES and not _FIGURE.search(word):
            yield from spellings(text[start:end])
    for joined in _JOINED_BY_APOSTROPHE.findall(text):
        yield from spellings(joined.replace("'", "").replace("’", ""))
    whole = "".join(word for word, _, _ in _words(text))
    if _IS_DENSE.match(whole) and len(whole) <= _LONGEST_DENSE:
        yield whole


def _address_words(text: str) -> Iterator[str]:
    words = list(_words(text))
    for word, start, end in words:
        if _IS_DENSE.match(word):
            yield from (word,) if 1 < len(word) <= _LONGEST_DENSE else ()
        elif len(word) >= _SHORTEST["address"] and word not in NOT_STREETS and not _is_year(word):
            yield from (word,) if _FIGURE.search(word) else spellings(text[start:end])
            yield from _short_street(word)
    for _, start, end in _pairs(text, words):
        first, second = (word for word, place, _ in words if start <= place < end)
        yield from (f"{a} {b}" for a in _streets(first) for b in _streets(second))
    yield from ("".join(pair.split(" ")) for pair, _, _ in _pairs(text, words) if _is_postcode(pair))


def _streets(word: str) -> set[str]:
    return {word} if _FIGURE.search(word) else {*spellings(word), *_short_street(word)}


def _is_year(word: str) -> bool:
    """Four figures are a postcode in some countries, but a year or a price anywhere."""
    return len(word) == len("2026") and word.isdecimal()


def _is_postcode(pair: str) -> bool:
    """Whether both halves hold a figure, as in "SW1A 1AA", which is also written in one."""
    return all(_FIGURE.search(half) for half in pair.split(" "))


def _short_street(word: str) -> Iterator[str]:
    for long, short in (("strasse", "str"), ("straat", "str")):
        if word.endswith(long) and len(word) > len(long) + 2:
            yield word.removesuffix(long) + short


def tokens(text: str) -> list[Token]:
    """The words of a text in plain spelling with their places, and figures together with a neighbour.

    Words of scripts without spaces are given in every stretch of two to six signs.

    Example:
        >>> tokens("Müller, Weg 7")
        [('muller', 0, 6), ('weg', 8, 11), ('7', 12, 13), ('weg 7', 8, 13)]
    """
    words = list(_words(text))
    found = [piece for word in words for piece in (_stretches(word) if _IS_DENSE.match(word[0]) else (word,))]
    return [*found, *_pairs(text, words)]


def _words(text: str) -> Iterator[Token]:
    for match in _WORD.finditer(text):
        for run in _RUN.finditer(match[0]):
            plain = plain_spelling(run[0])
            if plain:
                yield plain, match.start() + run.start(), match.start() + run.end()


def _stretches(word: Token) -> Iterator[Token]:
    plain, start, end = word
    if len(plain) != end - start:
        yield word
        return
    for size in range(min(_LONGEST_DENSE, len(plain)), 1, -1):
        for at in range(len(plain) - size + 1):
            yield plain[at : at + size], start + at, start + at + size


def _pairs(text: str, words: list[Token]) -> Iterator[Token]:
    """Neighbours of which one holds a figure: house numbers, postcodes in two parts."""
    for (first, start, first_end), (second, second_start, end) in pairwise(words):
        is_pair = _FIGURE.search(first) or _FIGURE.search(second)
        if is_pair and _JOINT.fullmatch(text, first_end, second_start):
            yield f"{first} {second}", start, end


def distinct_tokens(texts: pl.Series) -> set[str]:
    """Every word that `tokens` gives for any text of a column, each once.

    Example:
        >>> import polars as pl
        >>> sorted(distinct_tokens(pl.Series(["Anna, anna", None, "Weg 7"])))
        ['7', 'anna', 'weg', 'weg 7']
    """
    texts = texts.drop_nulls().unique()
    is_dear = texts.str.contains(_OF_PAIRS_OR_DENSE)
    words = texts.filter(~is_dear).str.extract_all(WORD_OF_POLARS).explode().drop_nulls().unique()
    found = {token for word in words for token, _, _ in _words(word)}
    found.update(token for text in texts.filter(is_dear) for token, _, _ in tokens(text))
    return found


def mark_terms(text: str, is_term: Callable[[str], str | None]) -> str:
    """Replace the words that are known terms by ``[name]`` or ``[address]``, neighbours by one mark.

    A word that is also a common one ("will", "rose") counts only with a capital that opens no sentence.
    Marks that are there already stay.

    Args:
        text: Text with or without marks.
        is_term: Gives the kind of a plainly spelled word, or nothing.

    Example:
        >>> mark_terms("Ms Anna Müller, will Anna call?", {"anna": "name", "muller": "name"}.get)
        'Ms [name], will [name] call?'
    """
    parts: list[str] = []
    at = 0
    for mark in MARK.finditer(text):
        parts += (_marked(text, at, mark.start(), is_term), mark[0])
        at = mark.end()
    parts.append(_marked(text, at, len(text), is_term))
    return _BETWEEN_MARKS.sub(lambda marks: marks[0].partition("]")[0] + "]", "".join(parts))


def _marked(text: str, start: int, end: int, is_term: Callable[[str], str | None]) -> str:
    piece = text[start:end]
    found = [
        (first - 2 * bool(_PREFIX.search(piece, max(0, first - 3), first)), last, kind)
        for token, first, last in tokens(piece)
        if (kind := is_term(token)) and _is_meant(text, start + first, start + last, token)
    ]
    parts: list[str] = []
    at = 0
    for first, last, kind in _united(found):
        parts += (piece[at:first], "[", kind, "]")
        at = last
    return "".join(parts) + piece[at:]


def _is_meant(text: str, start: int, end: int, token: str) -> bool:
    if token not in NAMES_THAT_ARE_WORDS:
        return True
    written = text[start:end]
    is_shouted = len(written) > 1 and written.isupper()
    opens_sentence = _SENTENCE_START.search(text[max(0, start - _LOOK_BACK) : start])
    return written[0].isupper() and not is_shouted and not opens_sentence


def _united(found: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Stretches that overlap as one; of two kinds at one place the name wins."""
    united: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(found):
        if united and start < united[-1][1]:
            first, last, other = united.pop()
            united.append((first, max(last, end), other if other == kind else "name"))
        else:
            united.append((start, end, kind))
    yield from united
