"""The shipped example mapping, on a look-alike of its export and, where it is present, on the real one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.mapping import packaged_mappings
from staffcast_pipelines.reply_chains import message_roots

HEADER = ",tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
# Two chains: 3 <- 2 <- 1 opened by a customer, and 6 <- 5 whose root 4 is not in the export.
POSTS = (
    HEADER
    + """0,1,brand,False,Tue Oct 31 22:10:47 +0000 2017,@77 write to us,2,3.0
1,2,77,True,Tue Oct 31 22:11:45 +0000 2017,"@brand how,
exactly",,1.0
2,3,77,True,Tue Oct 31 22:08:27 +0000 2017,@brand it is broken,"1,9",
3,5,brand,False,Tue Oct 31 23:00:00 +0000 2017,@78 sorry,,4.0
4,6,78,True,Tue Oct 31 23:01:00 +0000 2017,@brand thanks,,5.0
5,7,79,True,Tue Oct 31 23:05:00 +0000 2017,@brand cut

off by a line break,8,
"""
)

REPLIES = """
    with m as (
        select m.*, r.conversation_id as root
        from messages m join message_roots r using (source, source_account, message_id)
    ),
    opened as (select root, timestamp_us from m where message_id = root and sender_type = 'customer'),
    replies as (
        select o.root,
            min(m.timestamp_us - o.timestamp_us) / 1e6 as any_s,
            min(m.timestamp_us - o.timestamp_us) filter (where m.reply_to = o.root) / 1e6 as direct_s
        from opened o join m on m.root = o.root
            and m.sender_type = 'agent' and m.timestamp_us >= o.timestamp_us
        group by o.root
    )
    select
        (select count(distinct root) from m),
        count(any_s), median(any_s), count(direct_s), median(direct_s)
    from replies
"""


def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "support_posts.toml"
    path.write_text(packaged_mappings()["support_posts"], encoding="utf-8")
    return path


def counted(data_dir: Path) -> tuple[Any, ...]:
    with Warehouse.open(data_dir) as warehouse:
        message_roots(warehouse.con)
        return tuple(warehouse.con.sql(REPLIES).fetchall()[0])


def test_a_look_alike(desk: Any, tmp_path: Path) -> None:
    (load,) = desk.ingest(desk.write("posts.csv", POSTS), mapping=mapping(tmp_path)).files
    assert load.is_balanced
    assert (load.n_rows, load.n_new, load.n_quarantined, load.columns_as_extra) == (7, 5, 2, ())
    assert [(reason.text, reason.first_line) for reason in load.reasons] == [
        ("6 fields instead of 8", 8),
        ("3 fields instead of 8", 10),
    ]
    assert counted(desk.data_dir) == (2, 1, 140.0, 1, 140.0)
    rows = desk.rows("select message_id, reply_to, conversation_id from messages order by 1")
    assert rows[:2] == [("1", "3", None), ("2", "1", None)]


def test_the_real_export(desk: Any, tmp_path: Path) -> None:
    folder = os.environ.get("STAFFCAST_SHARED_DATA")
    path = Path(folder or "absent") / "support_posts.csv"
    if not path.exists():
        pytest.skip("STAFFCAST_SHARED_DATA names no folder with support_posts.csv")
    (load,) = desk.ingest(path, mapping=mapping(tmp_path)).files
    assert (load.n_rows, load.n_new, load.n_quarantined) == (5001, 4999, 2)
    assert [reason.first_line for reason in load.reasons] == [2589, 2591]
    assert counted(desk.data_dir) == (1312, 1287, 813.0, 1156, 719.5)
