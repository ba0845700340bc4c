from __future__ import annotations

import polars as pl
import pytest

from staffcast_pipelines.privacy import Term, distinct_tokens, mark_terms, terms_of, tokens


def marked(record: dict[str, str], text: str) -> str:
    return mark_terms(text, {term.text: term.kind for term in terms_of(record)}.get)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Anna Müller", "Anna Müller here", "[name] here"),
        ("Anna Müller", "ANNA and mueller, Muller", "[name] and [name], [name]"),
        ("Anna Mueller", "Frau Müller", "Frau [name]"),
        ("Anna-Lena O'Brien", "I'm Anna-Lena O'Brien", "I'm [name]"),
        ("Anna-Lena O'Brien", "lena obrien, brien", "[name], [name]"),
        ("Anna", "Anna's and d'Anna; Annabel", "[name]'s and d'[name]; Annabel"),
        ("Łukasz Żółć", "lukasz zolc", "[name]"),
        ("Jo Li", "jo li", "jo li"),
        ("Dr. Jan van den Berg", "Dr. van den Jan", "Dr. van den [name]"),
        ("王小明", "我叫王小明，你好", "我叫[name]，你好"),
        ("王小明王小明", "我叫王小明王小明", "我叫[name]"),
        ("王 小明", "王小明", "[name]"),
        ("김민수", "저는 김민수입니다", "저는 [name]입니다"),
        ("राहुल", "मैं राहुल हूँ", "मैं [name] हूँ"),
        ("Anna", "A\u200bnna Mu\u0308ller", "[name] Mu\u0308ller"),
        ("Anna", "[name] Anna [email] Anna", "[name] [email] [name]"),
        ("Email", "[email] mail", "[email] mail"),
        ("Support Guest", "support for a guest", "support for a guest"),
    ],
)
def test_names(name: str, text: str, expected: str) -> None:
    assert marked({"customer_name": name}, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I will pay. Will you? My name is Will.", "I will pay. Will you? My name is [name]."),
        ("Hi! Will here", "Hi! Will here"),
        ('He said: "Will"', 'He said: "Will"'),
        ("yes WILL DO", "yes WILL DO"),
        ("\n- Will it work", "\n- Will it work"),
        ("Jean-Will", "Jean-[name]"),
    ],
)
def test_names_that_are_words_need_a_capital_inside_a_sentence(text: str, expected: str) -> None:
    assert marked({"first_name": "Will"}, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hauptstraße 12a, 10115 Berlin", "[address]"),
        ("hauptstr. 12a", "[address]"),
        ("Hauptstrasse 7 in Berlin 2026", "[address] 7 in [address] 2026"),
        ("12a apples", "12a apples"),
    ],
)
def test_postal_addresses(text: str, expected: str) -> None:
    record = {"street": "Hauptstraße 12a", "zip": "10115", "city": "Berlin", "plan": "Pro"}
    assert marked(record, text) == expected


def test_postcodes_in_two_parts() -> None:
    record = {"address": "12 Elm Grove, SW1A 1AA"}
    assert marked(record, "SW1A 1AA, sw1a1aa, 1AA") == "[address], 1AA"
    assert marked({"zip": "2026"}, "in 2026") == "in 2026"


def test_a_word_of_both_kinds_is_a_name() -> None:
    assert mark_terms("Paris", {"paris": "name"}.get) == "[name]"
    kinds = {term.kind for term in terms_of({"name": "Paris", "city": "Paris"})}
    assert kinds == {"name", "address"}


def test_other_columns_make_no_terms() -> None:
    assert terms_of({"agent_name": "Anna", "note": "Berta", "name": ""}) == frozenset()
    assert terms_of({"Nachname": "Berg"}) == {Term("name", "berg")}


def test_tokens_have_their_places() -> None:
    text = "Zoë, 12 Rue X"
    assert [(token, text[start:end]) for token, start, end in tokens(text)] == [
        ("zoe", "Zoë"),
        ("12", "12"),
        ("rue", "Rue"),
        ("x", "X"),
        ("12 rue", "12 Rue"),
    ]


def test_distinct_tokens() -> None:
    texts = pl.Series(["Anna, ANNA", None, "", "王小明", "9 Elm"])
    assert distinct_tokens(texts) == {"anna", "王小明", "王小", "小明", "9", "elm", "9 elm"}
