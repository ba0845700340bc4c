"""An erased person leaves numbers behind and nothing else, in no file, for good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import DataQualityError
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.lifecycle import KnownBy, backup, erase
from staffcast_pipelines.loading.key_files import open_keyring
from staffcast_pipelines.mapping import packaged_mappings

from .conftest import EMAIL, NOW, PHONE

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast_pipelines.lifecycle import Erasure

    from .conftest import Place

CANARY = b"canary"


def erased(place: Place, customer: str, **options: object) -> Erasure:
    with place.open() as warehouse:
        linked = {"linked": True} | options
        return erase(warehouse, Settings(), customer, now=NOW, **linked)  # type: ignore[arg-type]


def keys(place: Place) -> list[bytes]:
    with place.open() as warehouse:
        keyring = open_keyring(warehouse)
    return [
        keyring.hash("customer", "default", "default", name).encode() for name in ("canaryid1", "canaryid2")
    ]


@pytest.mark.usefixtures("real_build")
def test_nothing_of_the_person_is_left_in_any_byte_of_any_file(place: Place, tmp_path: Path) -> None:
    saved = tmp_path / "backup.tar"
    with place.open() as warehouse:
        backup(warehouse, saved, now=NOW)
    before = place.contents(saved)
    words = (
        b"canarytext", b"canaryanswer", b"canarycomment", b"canarypage", b"canaryextra", b"canarytag",
        b"canaryticket", b"canaryconv1", b"canaryconv3", b"canarymsg1", b"canaryevent", b"canarydetail",
        b"canarycontact", b"canaryview", b"canaryseen", b"canarysession", b"canarysurvey", b"canaryreferrer",
        b"canaryaccount",
    )  # fmt: skip
    assert not [word for word in words if before.count(word) < 2], (
        "each is in the warehouse and in the backup"
    )
    old_keys = keys(place)
    assert all(before.count(key) > 4 for key in old_keys)

    receipt = erased(place, EMAIL)

    after = place.contents(saved)
    assert CANARY not in after.lower()
    tombstones = place.rows("select count(*) from tombstones where kind = 'customer_id'")[0][0]
    assert tombstones == 2
    for key in old_keys:  # the tombstone of the warehouse, and that of the backup
        assert after.count(key) == 2
    assert receipt.backups == (saved,)
    assert receipt.unreachable_backups == ()


def test_the_receipt_counts_and_does_not_say_whom(place: Place) -> None:
    receipt = erased(place, "canaryid1")
    assert receipt.n_rows == {
        "bot_sessions": 1, "contacts": 1, "conversations": 2, "customers": 2, "events": 1, "messages": 5,
        "page_views": 1, "surveys": 1, "identities": 5, "customer_terms": 2,
    }  # fmt: skip
    assert receipt.n_customers == 2
    stored = place.rows("select receipt, counts from erasures")
    assert stored == [(receipt.receipt, json.dumps(dict(receipt.n_rows)))]


@pytest.mark.usefixtures("real_build")
def test_every_fact_and_every_sum_is_as_before(place: Place) -> None:
    before = place.facts()
    erased(place, "canaryid1")
    assert place.facts() == before


@pytest.mark.usefixtures("real_build")
def test_the_old_export_does_not_bring_the_person_back(place: Place, tmp_path: Path) -> None:
    erased(place, "canaryid1")
    tables, facts = place.tables(), place.facts()
    report = place.load_again(tmp_path / "again")
    suppressed = {load.table: load.n_suppressed for load in report.files if load.n_suppressed}
    assert suppressed == {
        "bot_sessions": 1, "contacts": 1, "conversations": 2, "customers": 2, "events": 1, "messages": 5,
        "page_views": 1, "surveys": 1,
    }  # fmt: skip
    assert report.total("n_new") == report.total("n_updated") == 0
    assert place.tables() == tables
    with place.open() as warehouse:
        build(warehouse, Settings(), now=NOW)
    assert place.facts() == facts


def test_a_second_erasure_finds_nothing_left(place: Place) -> None:
    first = erased(place, "canaryid1")
    tables = place.tables()
    again = erased(place, "canaryid1")
    assert (again.receipt, again.n_rows, again.n_customers) == ("", {}, 0)
    assert first.receipt
    assert place.tables() == tables
    assert erased(place, EMAIL).n_rows == {}
    assert erased(place, PHONE).n_rows == {}


def test_a_rehearsal_counts_and_changes_nothing(place: Place) -> None:
    before = place.contents()
    tables = place.tables()
    rehearsal = erased(place, "canaryid1", dry_run=True)
    assert rehearsal.is_dry_run
    assert rehearsal.n_rows["messages"] == 5
    assert place.tables() == tables
    assert before.count(CANARY) == place.contents().count(CANARY)


@pytest.mark.parametrize("name", ["canaryid2", EMAIL, EMAIL.title(), PHONE, "0044 20 7946-0123"])
def test_whatever_names_the_person_names_all_of_them(place: Place, name: str) -> None:
    assert erased(place, name, dry_run=True).n_customers == 2


def test_the_named_customer_only_leaves_those_who_share_an_address_and_keeps_them_loadable(
    place: Place, tmp_path: Path
) -> None:
    receipt = erased(place, "canaryid1", linked=False)
    assert receipt.n_customers == 1
    assert place.rows("select count(*) from conversations where conversation_id = 'canaryconv2'") == [(1,)]
    report = place.load_again(tmp_path / "again")
    suppressed = {load.table: load.n_suppressed for load in report.files}
    assert suppressed["customers"] == 1
    assert report.total("n_new") == report.total("n_updated") == 0


def test_others_keep_what_they_wrote(place: Place) -> None:
    erased(place, "canaryid1")
    rows = place.rows(
        "select message_id, text from messages where conversation_id = 'friend1' order by timestamp"
    )
    assert [text for _, text in rows] == [None, "friendly words"]
    assert rows[0][0].startswith("erased-")
    ((parent,),) = place.rows(
        "select parent_conversation_id from conversations where conversation_id = 'friend1'"
    )
    assert place.rows("select count(*) from conversations where conversation_id = ?", parent) == [(1,)]
    ((reply_to,),) = place.rows("select reply_to from messages where message_id = 'friendmsg'")
    assert reply_to == rows[0][0]


POSTS = """,tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id
0,101,brand,False,Tue Oct 31 22:10:47 +0000 2017,canaryreply,102,103.0
1,102,canaryid,True,Tue Oct 31 22:11:45 +0000 2017,canarysecond,,101.0
2,103,canaryid,True,Tue Oct 31 22:08:27 +0000 2017,canaryfirst,101,
3,104,other,True,Tue Oct 31 22:09:00 +0000 2017,somebody else,105,
4,105,brand,False,Tue Oct 31 22:12:00 +0000 2017,an answer,,104.0
"""


def test_a_chain_of_replies_is_erased_whole_and_does_not_come_back(place: Place, tmp_path: Path) -> None:
    mapping, posts = tmp_path / "support_posts.toml", tmp_path / "posts.csv"
    mapping.write_text(packaged_mappings()["support_posts"], encoding="utf-8")
    posts.write_text(POSTS, encoding="utf-8")
    options = {"data_dir": place.data_dir, "mapping": mapping, "source": "posts"}
    ingest(posts, **options)  # type: ignore[arg-type]
    receipt = erased(place, "canaryid", source="posts")
    assert receipt.n_rows == {"messages": 3, "identities": 1}
    stored = "select message_id, reply_to, text from messages where source = 'posts' order by timestamp"
    (first, _, nothing), (other, _, words), (reply, to_first, _), (second, to_reply, _), (answer, *_) = (
        place.rows(stored)
    )
    assert nothing is None
    assert (to_first, to_reply) == (first, reply)
    assert first.startswith("erased-")
    assert second.startswith("erased-")
    assert (other, words, answer) == ("104", "somebody else", "105")
    tables = place.tables()
    posts.write_text(POSTS + "\n", encoding="utf-8")
    (load,) = ingest(posts, **options).files  # type: ignore[arg-type]
    assert (load.n_suppressed, load.n_duplicate, load.n_new) == (3, 2, 0)
    assert place.tables() == tables


def test_the_same_address_in_another_source_is_the_same_person(place: Place, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "customers.csv").write_text(f"customer_id,email\ncanaryshop,{EMAIL}\nsomebody,x@y.example\n")
    (shop / "conversations.csv").write_text(
        "conversation_id,created_at,customer_id\ncanaryconv1,2026-11-13T09:00:00Z,canaryshop\n"
        "s2,2026-11-13T09:00:00Z,somebody\n"
    )
    ingest(shop, data_dir=place.data_dir, source="shop")
    assert erased(place, EMAIL, source="shop").n_customers == 3
    left = place.rows(
        "select count(*) filter (where conversation_id = 's2'), count(*) from conversations"
        " where source = 'shop'"
    )
    assert left == [(1, 2)]
    assert place.rows("select count(*) from conversations where conversation_id ^@ 'canary'") == [(0,)]


def test_a_file_called_after_the_person_is_renamed_in_the_ledger(place: Place) -> None:
    with place.open() as warehouse:
        warehouse.con.execute("update loads set file_name = 'chat_CanaryConv1.csv' where load_id = 2")
        warehouse.con.execute("update loads set file_name = 'canaryconv12.csv' where load_id = 3")
    erased(place, "canaryid1")
    names = place.rows("select file_name from loads where load_id in (2, 3) order by load_id")
    assert names == [("chat_erased.csv",), ("canaryconv12.csv",)]


def test_bare_figures_are_never_taken_for_a_phone_number(place: Place) -> None:
    with place.open() as warehouse:
        warehouse.con.execute("update identities set external_hash = ? where kind = 'phone'",
                              [open_keyring(warehouse).hash("phone", "12345678")])  # fmt: skip
    with pytest.raises(DataQualityError):
        erased(place, "12345678")
    assert erased(place, "12345678", known_by=KnownBy.PHONE, dry_run=True).n_customers >= 2


def test_nobody_known_is_an_error_and_stores_nothing(place: Place) -> None:
    tables = place.tables()
    for name, kind in (("nobody", None), ("canaryid1", KnownBy.EMAIL), ("---", KnownBy.PHONE)):
        with pytest.raises(DataQualityError, match="no customer of source 'default'"):
            erased(place, name, known_by=kind)
    with pytest.raises(DataQualityError):
        erased(place, "canaryid1", source="elsewhere")
    assert place.tables() == tables
