"""What desks write or note when a customer no longer answers, and the mark that stays when the text goes.

Silent abandonment is counted by it. So that the count survives the text, ``MARK`` takes the place of such a
message or note wherever text is dropped: at loading, by retention and by erasure.
"""

from __future__ import annotations

import polars as pl

__all__ = ["FAREWELLS", "MARK", "NOTED", "PATTERN", "reduced"]

FAREWELLS: tuple[str, ...] = (
    "are you still there", "still with us", "not heard from you", "not heard back from you", "haven't heard",
    "no longer respond", "no response from you", "due to inactivity", "sind sie noch da", "bist du noch da",
    "noch im chat", "keine antwort mehr", "nichts mehr von ihnen", "wegen inaktivität",
    "aufgrund von inaktivität", "êtes-vous toujours là", "pas de réponse de votre part",
    "en raison de l'inactivité", "sigue ahí", "sigues ahí", "por inactividad",
    "è ancora in linea", "per inattività", "bent u er nog", "wegens inactiviteit",
    "ainda está aí", "por inatividade", "[inactivity]",
)  # fmt: skip
"""What desks write, in lower case, to customers who no longer answer; the last is ``MARK``."""

_REASONS = (
    "inactivity",
    "inactive",
    "timeout",
    "idle",
    "no[_ ]response",
    "customer[_ ]left",
    r"\[inactivity\]",
)

MARK = "[inactivity]"
"""Stands for a dropped text that said so."""

PATTERN = "|".join([f"^(?:{'|'.join(_REASONS)})$", *FAREWELLS[:-1]])
"""Matches such texts in lower case."""

NOTED = {"messages": ("text",), "events": ("detail",)}
"""Columns of each table in which the mark is left."""


def reduced(texts: pl.Expr) -> pl.Expr:
    """The mark where a text said that the customer no longer answers, else nothing.

    Example:
        >>> frame = pl.DataFrame({"text": ["Are you still there?", "Your order is on its way"]})
        >>> frame.select(reduced(pl.col("text")))["text"].to_list()
        ['[inactivity]', None]
    """
    return pl.when(texts.str.to_lowercase().str.contains(PATTERN)).then(pl.lit(MARK)).name.keep()
