"""One spelling for the many ways to write a name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product

__all__ = ["DENSE", "WORD", "WORD_OF_POLARS", "plain_spelling", "spellings"]

_WITHIN = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u200b-\u200d\u2060\xad"
WORD = rf"(?:[^\W_]|[{_WITHIN}])++"
"""Letters and figures with the signs that hang on them or hide between them."""
WORD_OF_POLARS = rf"[\p{{L}}\p{{N}}{_WITHIN}]+"
"""The same in the syntax of polars."""
DENSE = "\u3005\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
"""Letters of scripts that write without spaces, as the inside of a class."""

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_SPELLED_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_CONTRACTED = re.compile(r"ae|oe|ue|aa")
_MOST_UMLAUTS = 3


@lru_cache(maxsize=65536)
def plain_spelling(word: str) -> str:
    """Lower case, without accents and what cannot be seen.

    Example:
        >>> plain_spelling("MÜLLER"), plain_spelling("Łukasz"), plain_spelling("Ｓｔｒａßｅ")
        ('muller', 'lukasz', 'strasse')
    """
    folded = unicodedata.normalize("NFKC", word).casefold().translate(_LETTERS)
    if folded.isascii():
        return folded
    signs = unicodedata.normalize("NFD", folded)
    kept = (sign for sign in signs if unicodedata.category(sign) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFC", "".join(kept))


def spellings(word: str) -> set[str]:
    """The plain spellings in which a word may turn up: with umlauts spelled out, or contracted.

    Example:
        >>> sorted(spellings("Müller")), sorted(spellings("Mueller"))
        (['mueller', 'muller'], ['mueller', 'muller'])
    """
    folded = unicodedata.normalize("NFKC", word).casefold()
    found = {plain_spelling(word)}
    spelled_out = "".join(_SPELLED_OUT.get(sign, sign) for sign in folded)
    found.add(plain_spelling(spelled_out))
    pieces = _CONTRACTED.split(spelled_out)
    pairs = _CONTRACTED.findall(spelled_out)
    if 0 < len(pairs) <= _MOST_UMLAUTS:
        for choice in product((1, 2), repeat=len(pairs)):
            ends = (*(pair[:size] for pair, size in zip(pairs, choice, strict=True)), "")
            found.add(plain_spelling("".join(map("".join, zip(pieces, ends, strict=True)))))
    return found
