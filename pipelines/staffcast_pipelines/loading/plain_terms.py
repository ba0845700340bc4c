"""In the fast lane, too, words known of a customer are marked before a text is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.store.sql import statement
from staffcast_pipelines.loading.known_terms import by_conversation, has_terms, marked

if TYPE_CHECKING:
    from staffcast_pipelines.loading.plain_jsonl import PlainLoad

__all__ = ["write_marks"]

_PACKAGE = "staffcast_pipelines.loading"
_CHUNK_ROWS = 50_000


def write_marks(job: PlainLoad) -> None:
    """Fill the table of the texts that hold a word known of a customer of their conversation."""
    job.run("open_marks")
    if not has_terms(job.con, job.origin.scope):
        return
    job.run("plain_texts")
    job.run("plain_terms", job.scope)
    ((n_rows,),) = job.con.execute("select count(*) from plain_texts").fetchall()
    for first in range(0, n_rows, _CHUNK_ROWS):
        chunk = {"first": first, "n": _CHUNK_ROWS}
        texts = job.con.sql(statement(_PACKAGE, "linked_texts"), params=chunk).pl()
        if not texts.is_empty():
            _add_marks(job, texts)


def _add_marks(job: PlainLoad, texts: pl.DataFrame) -> None:
    job.con.register("incoming", texts.select("conversation_id").unique().to_arrow())
    terms = by_conversation(job.con.execute(statement(_PACKAGE, "terms_of_texts")).fetchall())
    job.con.unregister("incoming")
    found = marked(texts["conversation_id"], texts["text"], terms, job.keyring).alias("marked")
    changed = texts.with_columns(found).filter(pl.col("marked") != pl.col("text")).unique()
    if changed.is_empty():
        return
    job.con.register("incoming", changed.to_arrow())
    job.run("add_marks")
    job.con.unregister("incoming")
