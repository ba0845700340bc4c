"""Names and addresses that a customer's own record gives away are marked in that customer's conversations.

The words of the record are stored as keyed hashes, and a text is asked word by word. Rows are marked before
they are stored if the record is known by then; a record that comes later marks the texts that are there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from staffcast.store.schema import CANONICAL_TABLES, Kind, Table
from staffcast.store.sql import statement
from staffcast_pipelines.privacy.spelling import DENSE, WORD_OF_POLARS, plain_spelling
from staffcast_pipelines.privacy.terms import mark_terms, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

    from staffcast_pipelines.loading.keys import Keyring

__all__ = [
    "KnownTerms",
    "by_conversation",
    "has_terms",
    "mark_stored_texts",
    "marked",
    "terms_of_customers",
]

_PACKAGE = "staffcast_pipelines.loading"
_TERMS = {"customer_key": pl.String, "kind": pl.String, "term_hash": pl.String}
_CHUNK_ROWS = 50_000

Terms = dict[str, dict[str, str]]
"""Kind of mark by hash of a word, by conversation."""


def terms_of_customers(cells: pl.DataFrame, table: Table, keyring: Keyring) -> pl.DataFrame:
    """``customer_key``, ``kind`` and ``term_hash`` of the words of each customer's name and address."""
    if table.name != "customers":
        return pl.DataFrame(schema=_TERMS)
    private = [column.name for column in table.columns if column.kind is Kind.PRIVATE]
    rows = {
        (key, term.kind, keyring.hash("term", term.text))
        for key, extra, *known in cells.select("customer_key", "extra", *private).iter_rows()
        for term in terms_of(_record(dict(zip(private, known, strict=True)), extra))
    }
    return pl.DataFrame(sorted(rows), schema=_TERMS, orient="row")


def _record(known: Mapping[str, str | None], extra: str | None) -> dict[str, str]:
    record: dict[str, str] = json.loads(extra) if extra else {}
    return record | {name: text for name, text in known.items() if text}


def has_terms(con: duckdb.DuckDBPyConnection, scope: tuple[str, str]) -> bool:
    """Whether any word of any customer of the source is known."""
    found = con.execute(
        "select count(*) from (select 1 from customer_terms where source = ? and source_account = ? limit 1)",
        list(scope),
    ).fetchall()
    return bool(found[0][0])


@dataclass(frozen=True, slots=True)
class KnownTerms:
    """The known words of one source."""

    con: duckdb.DuckDBPyConnection
    keyring: Keyring
    scope: tuple[str, str]

    def marked(self, cells: pl.DataFrame, table: Table) -> pl.DataFrame:
        """The rows of a chunk with their texts marked, as far as their customers are known by now."""
        names = [*_text_columns(table), "extra"]
        if "conversation_id" not in cells.columns or not has_terms(self.con, self.scope):
            return cells
        terms = self._terms(cells.select("conversation_id", "customer_key"))
        if not terms:
            return cells
        return cells.with_columns(
            marked(cells["conversation_id"], cells[name], terms, self.keyring).alias(name) for name in names
        )

    def _terms(self, pairs: pl.DataFrame) -> Terms:
        self.con.register("incoming", pairs.unique().to_arrow())
        try:
            rows = self.con.execute(statement(_PACKAGE, "terms_of_chunk"), list(self.scope)).fetchall()
        finally:
            self.con.unregister("incoming")
        return by_conversation(rows)


def mark_stored_texts(con: duckdb.DuckDBPyConnection, keyring: Keyring) -> int:
    """Mark what is stored already of conversations whose customers became known since the last time.

    Returns:
        Number of texts that changed: their old form stays in free blocks of the file until it is rewritten.
    """
    con.execute(statement(_PACKAGE, "terms_to_mark"))
    n_changed = 0
    for table in CANONICAL_TABLES:
        if "conversation_id" not in dict(table.stored_columns):
            continue
        for name in (*_text_columns(table), "extra"):
            n_changed += _mark_column(con, keyring, table.name, name)
    con.execute(statement(_PACKAGE, "terms_are_marked"))
    return n_changed


def _mark_column(con: duckdb.DuckDBPyConnection, keyring: Keyring, table: str, column: str) -> int:
    con.execute(statement(_PACKAGE, "texts_to_mark", table=table, column=column))
    ((n_texts,),) = con.execute("select count(*) from texts_to_mark").fetchall()
    n_changed = 0
    for first in range(0, n_texts, _CHUNK_ROWS):
        bounds = {"first": first, "n": _CHUNK_ROWS}
        chunk = con.sql(statement(_PACKAGE, "next_texts"), params=bounds).pl()
        conversations = chunk["conversation_key"].unique()
        con.register("incoming", pl.DataFrame({"conversation_key": conversations}).to_arrow())
        terms = by_conversation(con.execute(statement(_PACKAGE, "terms_of_stored")).fetchall())
        con.unregister("incoming")
        changed = chunk.with_columns(
            marked(chunk["conversation_key"], chunk["text"], terms, keyring).alias("marked")
        ).filter(pl.col("marked") != pl.col("text"))
        n_changed += changed.height
        if changed.height:
            con.register("incoming", changed.select("row_number", "marked").to_arrow())
            con.execute(statement(_PACKAGE, "store_marked", table=table, column=column))
            con.unregister("incoming")
    return n_changed


def _text_columns(table: Table) -> list[str]:
    kinds = (Kind.BODY, Kind.PROSE, Kind.URL)
    return [column.name for column in table.columns if column.kind in kinds]


def by_conversation(rows: list[tuple[str, str, str]]) -> Terms:
    """The terms in rows of a conversation, the kind of a mark, and the hash of a word."""
    terms: Terms = defaultdict(dict)
    for conversation, kind, term_hash in rows:
        # A word that is both a name and part of an address is marked as a name.
        if terms[conversation].get(term_hash) != "name":
            terms[conversation][term_hash] = kind
    return dict(terms)


def marked(conversations: pl.Series, texts: pl.Series, terms: Terms, keyring: Keyring) -> pl.Series:
    """The texts with the words marked that are known of their conversation."""
    is_linked = conversations.is_in(list(terms)) & texts.is_not_null()
    is_asked = is_linked & _may_hold(texts.set(~is_linked, None), terms, keyring)
    if not is_asked.any():
        return texts
    hashes: dict[str, str] = {}
    done = [
        _mark(text, _kinds(hashes, terms[conversation], keyring))
        for conversation, text in zip(conversations.filter(is_asked), texts.filter(is_asked), strict=True)
    ]
    return texts.scatter(is_asked.arg_true(), pl.Series(done, dtype=pl.String))


def _may_hold(texts: pl.Series, terms: Terms, keyring: Keyring) -> pl.Series:
    """Whether each text holds a word that is known of anybody: only those are read word by word."""
    known = set().union(*terms.values())
    words = texts.drop_nulls().unique().str.extract_all(WORD_OF_POLARS).explode().drop_nulls().unique()
    spelled: dict[str, list[str]] = defaultdict(list)
    for word in words:
        spelled[plain_spelling(word)].append(word)
    found = [words for plain, words in spelled.items() if keyring.hash("term", plain) in known]
    hits = pl.Series([word for words in found for word in words], dtype=pl.String)
    kinds = {kind for found in terms.values() for kind in found.values()}
    dear = rf"[\p{{N}}{DENSE}]" if "address" in kinds else f"[{DENSE}]"
    return (texts.str.contains_any(hits.implode()) | texts.str.contains(dear)).fill_null(value=False)


def _kinds(hashes: dict[str, str], known: dict[str, str], keyring: Keyring) -> Callable[[str], str | None]:
    def kind(token: str) -> str | None:
        if token not in hashes:
            hashes[token] = keyring.hash("term", token)
        return known.get(hashes[token])

    return kind


def _mark(text: str, kind: Callable[[str], str | None]) -> str:
    if not text.startswith(("{", "[")):
        return mark_terms(text, kind)
    try:
        value = json.loads(text)
    except ValueError:
        return mark_terms(text, kind)
    marked = _mark_json(value, kind)
    return text if marked == value else json.dumps(marked, sort_keys=True, ensure_ascii=False)


def _mark_json(value: object, kind: Callable[[str], str | None]) -> object:
    if isinstance(value, str):
        return mark_terms(value, kind)
    if isinstance(value, dict):
        return {name: _mark_json(item, kind) for name, item in value.items()}
    if isinstance(value, list):
        return [_mark_json(item, kind) for item in value]
    return value
