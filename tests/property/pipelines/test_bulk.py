"""What only happens with many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

N_IDS = 300_000


@pytest.mark.slow
def test_a_file_in_which_every_row_comes_twice(tmp_path: Path) -> None:
    """DuckDB 2.0 lost rows that were inserted in bulk into a table made from an empty query."""
    line = (
        '{{"message_id": "m{0}", "conversation_id": "c1", "timestamp": "2026-11-02T09:00:00Z",'
        ' "sender_type": "agent"}}\n'
    )
    path = tmp_path / "messages.jsonl"
    with path.open("w") as file:
        for _ in range(2):
            file.writelines(line.format(number) for number in range(N_IDS))
    (load,) = ingest(path, data_dir=tmp_path / "data").files
    assert (load.n_rows, load.n_new, load.n_duplicate) == (2 * N_IDS, N_IDS, N_IDS)
    with Warehouse.open(tmp_path / "data") as warehouse:
        found = warehouse.con.sql("select count(distinct message_id) from messages").fetchall()
    assert found == [(N_IDS,)]
