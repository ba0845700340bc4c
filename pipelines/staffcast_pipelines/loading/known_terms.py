"""Names and addresses that a customer's own record gives away are marked in that customer's conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from staffcast_pipelines.loading.keys import Keyring
    from staffcast_pipelines.loading.progress import Progress

__all__ = ["mark_known_terms"]


def mark_known_terms(con: duckdb.DuckDBPyConnection, keyring: Keyring, progress: Progress) -> None:
    """Mark the known words of every customer whose record, conversations or texts are new."""
