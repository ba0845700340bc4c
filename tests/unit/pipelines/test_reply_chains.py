from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.reply_chains import message_roots, roots

HEADER = "message_id,conversation_id,timestamp,sender_type,reply_to\n"


def walked(parents: list[int], start: int) -> int:
    """The root by walking: up until a root, or round the circle that is met."""
    path = [start]
    while parents[path[-1]] not in path:
        path.append(parents[path[-1]])
    return min(path[path.index(parents[path[-1]]) :])


@given(st.integers(1, 60).flatmap(lambda n: st.lists(st.integers(0, n - 1), min_size=n, max_size=n)))
def test_roots_are_where_a_walk_ends(parents: list[int]) -> None:
    expected = [walked(parents, node) for node in range(len(parents))]
    assert roots(np.array(parents)).tolist() == expected


@pytest.mark.parametrize("n", [0, 1, 2, 3, 1000])
def test_a_long_chain_has_one_root(n: int) -> None:
    parents = np.maximum(np.arange(n) - 1, 0)
    assert roots(parents).tolist() == [0] * n


def test_messages_with_a_conversation_keep_it(desk: Any) -> None:
    desk.load(
        "messages.csv",
        HEADER + "m1,c1,2026-11-02T09:00:00Z,customer,\n" + "m2,c1,2026-11-02T09:01:00Z,agent,m1\n",
    )
    with Warehouse.open(desk.data_dir) as warehouse:
        assert message_roots(warehouse.con) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_chains_stay_within_their_source(desk: Any, tmp_path: Any, order: int) -> None:
    own = tmp_path / "own.toml"
    own.write_text('table = "messages"\nreply_chain = "reply_to"\n')
    lines = [
        "b,2026-11-02T09:00:00Z,customer,",
        "a,2026-11-02T09:01:00Z,agent,b",
        "c,2026-11-02T09:02:00Z,agent,gone",
        "e,2026-11-02T09:03:00Z,agent,d",
        "d,2026-11-02T09:04:00Z,agent,e",
    ]
    text = "message_id,timestamp,sender_type,reply_to\n" + "\n".join(lines[::order])
    desk.ingest(desk.write("one.csv", text), mapping=own, source="one")
    desk.ingest(desk.write("two.csv", "message_id,timestamp,sender_type,reply_to\n" + lines[1]), mapping=own)
    with Warehouse.open(desk.data_dir) as warehouse:
        message_roots(warehouse.con)
        found = warehouse.con.sql(
            "select source, message_id, conversation_id from message_roots order by 1, 2"
        ).fetchall()
    assert found == [
        ("default", "a", "a"),
        ("one", "a", "b"),
        ("one", "b", "b"),
        ("one", "c", "c"),
        ("one", "d", "d"),
        ("one", "e", "d"),
    ]
