from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.loading import plain_jsonl

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ["Sind Sie noch da?", "Are you STILL there", "The parcel is here", "[inactivity]"]


@pytest.mark.parametrize("is_fast", [True, False])
def test_without_texts_only_a_silent_customer_leaves_a_mark(tmp_path: Path, *, is_fast: bool) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text("".join(
        f'{{"message_id": "m{number}", "conversation_id": "c", "timestamp": "2026-11-02T09:00:0{number}Z",'
        f' "sender_type": "agent", "sender_id": "a", "text": "{text}"}}\n'
        for number, text in enumerate(TEXTS)
    ))  # fmt: skip
    can_load = plain_jsonl.can_load if is_fast else lambda *_: False
    with patch.object(plain_jsonl, "can_load", can_load):
        ingest(path, data_dir=tmp_path / "data", keep_text="none")
    with Warehouse.open(tmp_path / "data") as warehouse:
        texts = warehouse.con.sql("select text from messages order by message_id").fetchall()
    assert texts == [("[inactivity]",), ("[inactivity]",), (None,), ("[inactivity]",)]
