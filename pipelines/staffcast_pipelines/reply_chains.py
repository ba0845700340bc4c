"""Conversations from replies: each message belongs to the chain that it continues.

The root of a chain is its topmost message that is present in the data, so a message whose parent is
missing starts a chain. Replies in a circle, which only damaged data have, take the smallest id in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

__all__ = ["message_roots", "roots"]


def message_roots(con: duckdb.DuckDBPyConnection) -> int:
    """Write the table ``message_roots`` for the messages that carry no conversation.

    Its columns are ``source``, ``source_account``, ``message_id`` and ``conversation_id``, the last
    being the ``message_id`` of the root.

    Returns:
        Number of its rows.
    """
    chained = con.sql("""
        with chained as (
            select *, row_number() over (order by source, source_account, message_id) - 1 as rank
            from messages where conversation_id is null
        )
        select chained.source, chained.source_account, chained.message_id, parent.rank as parent
        from chained left join chained as parent
            on parent.source = chained.source and parent.source_account = chained.source_account
            and parent.message_id = chained.reply_to
        order by chained.rank
    """).pl()
    own = np.arange(chained.height)
    parents = chained["parent"].fill_null(pl.Series(own)).to_numpy()
    root_ids = chained["message_id"].gather(roots(parents))
    rows = chained.drop("parent").with_columns(root_ids.alias("conversation_id"))
    con.register("root_rows", rows.to_arrow())
    try:
        con.execute("create or replace table message_roots as select * from root_rows")
    finally:
        con.unregister("root_rows")
    return len(rows)


def roots(parents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the root of every node of a forest in which circles may occur.

    By pointer doubling: after k rounds a pointer has gone 2^k steps up, past every tail, so it stands on
    the root (a circle of one) or in a circle; the smallest number within the next 2^k steps is its name.

    Args:
        parents: Number of each node's parent; its own number for a node without one.

    Returns:
        Number of each node's root, shape of ``parents``.

    Example:
        >>> roots(np.array([0, 0, 1, 4, 3, 4])).tolist()
        [0, 0, 0, 3, 3, 3]
    """
    ahead = parents.copy()
    smallest = np.minimum(np.arange(len(parents)), parents)
    for _ in range(max(len(parents), 1).bit_length()):
        smallest = np.minimum(smallest, smallest[ahead])
        ahead = ahead[ahead]
    found: NDArray[np.int64] = smallest[ahead]
    return found
