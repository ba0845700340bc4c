"""What redaction keeps, whatever it is given."""

from __future__ import annotations

import json
import re

import duckdb
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from staffcast_pipelines.privacy import (
    MARKS,
    SUSPICIOUS,
    Redactor,
    distinct_tokens,
    mark_terms,
    terms_of,
    tokens,
)

REDACTOR = Redactor()
MARK = re.compile(rf"\[(?:{'|'.join(MARKS)})\]")
PIECES = st.sampled_from(
    [
        *"0123456789 ()+-./@:,#[]%'_\n\t",
        *(f"[{mark}]" for mark in MARKS),
        "jo",
        "example.org",
        "jo@example.org",
        "(at)",
        " dot ",
        "%40",
        "0170 1234567",
        "+49 30 1234567",
        "(555) 234-5678",
        "tel ",
        "order ",
        "4111 1111 1111 1111",
        "12/27",
        " cvv 123",
        "DE89 3704 0044 0532 0130 00",
        "GB29NWBK60161331926819",
        "10.0.0.1",
        "2001:db8::1",
        "2026-11-02",
        "10:30",
        "\u200b",
        "\u0664",
        "\xa0",
        "ü",
        "字",
        "and ",
        "x",
        "1Z",
        "€",
        "R$",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=14).map("".join), st.text(max_size=60))


@given(TEXTS)
@example("4111111111111111 4111111111111111 0170 1234567 0170 1234567")
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = REDACTOR.text(text)
    assert REDACTOR.text(once) == once


@given(TEXTS)
def test_what_is_no_mark_was_there_before_in_the_same_order(text: str) -> None:
    at = 0
    for kept in MARK.split(REDACTOR.text(text)):
        found = text.find(kept, at)
        assert found >= 0
        at = found + len(kept)


@given(TEXTS)
def test_marks_that_are_there_stay(text: str) -> None:
    redacted = REDACTOR.text(text)
    assert MARK.findall(text) == _in_order(MARK.findall(text), MARK.findall(redacted))


def _in_order(wanted: list[str], marks: list[str]) -> list[str]:
    """The wanted marks as far as they are found in order."""
    remaining = iter(marks)
    return [mark for mark in wanted if mark in remaining]


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8))
def test_a_column_is_redacted_like_its_cells_and_not_in_place(texts: list[str | None]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    redacted = REDACTOR.texts(column)
    assert redacted.to_list() == [None if text is None else REDACTOR.text(text) for text in texts]
    assert column.to_list() == texts


@given(TEXTS)
def test_three_engines_suspect_the_same(text: str) -> None:
    storable = text.replace("\x00", "")
    in_polars = pl.Series([storable]).str.contains(SUSPICIOUS).item()
    in_duckdb = duckdb.execute("select regexp_matches(?, ?)", [storable, SUSPICIOUS]).fetchone()
    assert in_duckdb == (in_polars,)
    assert (re.search(SUSPICIOUS, storable) is not None) == in_polars


@given(TEXTS.map(lambda text: f"https://shop.example/{text}"))
def test_an_address_redacted_twice_is_redacted_once(url: str) -> None:
    once = REDACTOR.url(url)
    assert REDACTOR.url(once) == once


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["note", "email", "a b", "orderId", "name"]), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(
    value=JSON.filter(lambda value: isinstance(value, (list, dict))),
    indent=st.sampled_from([None, 2]),
    ascii_only=st.booleans(),
)
def test_json_stays_json_and_private_keys_hold_nothing(
    value: object, indent: int | None, *, ascii_only: bool
) -> None:
    cell = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    redacted = REDACTOR.extras({"data": cell})["data"]
    assert _only_marks_under(json.loads(redacted))
    assert REDACTOR.extras({"data": redacted})["data"] == redacted


def _only_marks_under(value: object, key: str = "") -> bool:
    if key in ("email", "name"):
        return value in (None, True, False, "", "[private]")
    if isinstance(value, dict):
        return all(_only_marks_under(inner, name) for name, inner in value.items())
    return all(_only_marks_under(inner) for inner in value) if isinstance(value, list) else True


@pytest.mark.parametrize(
    "unit",
    [
        "1-",
        "a@",
        "(",
        "7",
        "0 ",
        "01 ",
        "a.",
        "a@b.",
        "de89 ",
        "4111 ",
        "4111111111111111 ",
        "1.",
        "1:",
        "f:",
        "a dot ",
        "a (at) ",
        "+1 ",
        "cvv ",
        "%40a",
        "tel 12345678 ",
        "1\u200b",
        "字a",
        "a@字.",
        "0170 1234567 ",
        "2026-01-01 ",
        '{"a":',
        "[[",
        '"\\',
        "[email]",
        " ",
    ],
)
def test_long_runs_of_anything_end(unit: str) -> None:
    """What grows with the square of the length would take hours here."""
    text = unit * (200_000 // len(unit))
    redacted = REDACTOR.text(text)
    assert MARK.search(redacted) or redacted == text
    short = text[:20_000]
    assert REDACTOR.extras({"data": "{" + short})["data"]
    assert REDACTOR.url(f"https://shop.example/?q={short}")
    assert mark_terms(short, {"tel": "name"}.get)


NAMES = st.sampled_from(
    ["Anna", "Müller", "Mueller", "O'Brien", "Jean-Luc", "Will", "Rose", "Łukasz", "van Dyk", "Dr. Berg"]
)
STREETS = st.sampled_from(["Hauptstraße 12", "5 Elm Grove", "Rue Victor 7", "Kanaalweg 3a"])
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "last_name": NAMES,
        "street": STREETS,
        "city": st.sampled_from(["Köln", "Rome"]),
    },
)
WORDS = st.sampled_from(
    [
        "Anna",
        "anna's",
        "Müller",
        "MUELLER",
        "O'Brien",
        "Jean-Luc",
        "will",
        "Will",
        "Rose",
        "Łukasz",
        "Dyk",
        "Berg",
        "Hauptstr. 12",
        "Hauptstraße",
        "12",
        "5 Elm Grove",
        "Victor",
        "7",
        "Köln",
        "Rome",
        "I",
        "am",
        ".",
        ",",
        "[name]",
        "[email]",
        "[address]",
        "\n",
    ]
)


@given(st.lists(st.tuples(WORDS, st.sampled_from([" ", "-", ", ", ""])), max_size=12), RECORDS, RECORDS)
def test_records_may_come_in_any_order(
    words: list[tuple[str, str]], first: dict[str, str], second: dict[str, str]
) -> None:
    text = "".join(word + gap for word, gap in words)
    one, two = ({term.text: term.kind for term in terms_of(record)} for record in (first, second))
    both = {**one, **two}
    at_once = mark_terms(text, both.get)
    assert mark_terms(mark_terms(text, one.get), two.get) == at_once
    assert mark_terms(mark_terms(text, two.get), one.get) == at_once
    assert mark_terms(at_once, both.get) == at_once


@given(st.lists(st.one_of(TEXTS, st.lists(WORDS, max_size=4).map(" ".join)), max_size=6))
def test_distinct_tokens_are_those_of_every_text(texts: list[str]) -> None:
    assert distinct_tokens(pl.Series(texts, dtype=pl.String)) == {
        token for text in texts for token, _, _ in tokens(text)
    }
