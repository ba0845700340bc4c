from __future__ import annotations

import gzip
import json
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.errors import ConfigError, SchemaError, SourceError, WarehouseError
from staffcast_pipelines.loading.ledger import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "message_id,conversation_id,timestamp,sender_type,sender_id,text\n"
MESSAGES = (
    HEADER
    + """m1,c1,2026-11-02T09:00:00Z,customer,u1,hello
m2,c1,2026-11-02T09:01:00+00:00,agent,a1,hi there
m3,c2,2026-11-02T10:00:00+01:00,customer,u2,hello again
"""
)
CONVERSATIONS = """conversation_id,created_at,closed_at,customer_id,status
c1,2026-11-02T09:00:00Z,2026-11-02T09:30:00Z,u1,closed
c2,2026-11-02T09:00:00Z,,u2,open
"""
NO_IDS = """conversation_id,timestamp,sender_type,text
c1,2026-11-02T09:00:00Z,customer,ping
c1,2026-11-02T09:00:00Z,customer,ping
c1,2026-11-02T09:00:05Z,customer,ping
"""


def test_rows_are_typed_and_keyed(desk: Any) -> None:
    load = desk.load("messages.csv", MESSAGES)
    assert (load.n_rows, load.n_new) == (3, 3)
    rows = desk.rows("select message_id, timestamp, timestamp_us, sender_type from messages order by 1")
    nine = datetime(2026, 11, 2, 9)  # noqa: DTZ001 - the warehouse stores naive UTC
    assert rows[0] == ("m1", nine, 1793610000000000, "customer")
    assert rows[2][1] == nine


def test_customers_are_hashed_and_agents_are_not(desk: Any) -> None:
    desk.ingest(desk.write("messages.csv", MESSAGES), desk.write("conversations.csv", CONVERSATIONS))
    senders = dict(desk.rows("select message_id, sender_id from messages"))
    assert senders["m2"] == "a1"
    customers = dict(desk.rows("select conversation_id, customer_key from conversations"))
    assert senders["m1"] == customers["c1"]
    assert senders["m3"] == customers["c2"] != customers["c1"]
    assert len(senders["m1"]) == 32
    assert desk.rows("select kind, count(*) from identities group by 1") == [("customer_id", 2)]


def test_a_customer_of_another_source_is_another_person(desk: Any) -> None:
    path = desk.write("conversations.csv", CONVERSATIONS)
    desk.ingest(path, source="one")
    desk.ingest(path, source="two")
    assert desk.rows("select count(*), count(distinct customer_key) from conversations") == [(4, 4)]


def test_the_key_is_private_and_needed(desk: Any, make_desk: Callable[[str], Any]) -> None:
    desk.load("messages.csv", MESSAGES)
    key = desk.data_dir / "staffcast.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    other = make_desk("other")
    other.load("messages.csv", MESSAGES)
    own_keys = desk.rows("select sender_id from messages where message_id = 'm1'")
    assert own_keys != other.rows("select sender_id from messages where message_id = 'm1'")
    key.unlink()
    with pytest.raises(WarehouseError, match=r"key file .* is missing"):
        desk.ingest(desk.write("messages-2.csv", MESSAGES + "\n"))


def test_text_is_redacted(desk: Any) -> None:
    desk.load("messages.csv", HEADER + "m1,c1,2026-11-02T09:00:00Z,customer,u1,mail jo@example.org\n")
    assert desk.rows("select message_id, text from messages") == [("m1", "mail [email]")]


def test_private_columns_become_identities_only(desk: Any) -> None:
    desk.load(
        "customers.csv",
        "customer_id,name,email,phone,tier\n"
        "u1,Jo Doe,Jo@Example.org,+49 170 1234567,gold\n"
        "u2,Jo Doe,jo@example.org,0049-170-1234567,gold\n",
    )
    hashes = desk.rows(
        "select kind, count(*), count(distinct external_hash) from identities group by 1 order by 1"
    )
    assert hashes == [("customer_id", 2, 2), ("email", 2, 1), ("phone", 2, 1)]
    everything = str(desk.rows("select * from customers")) + str(desk.rows("select * from identities"))
    assert not any(word in everything for word in ("Doe", "xample", "1234567"))


def test_unknown_columns_are_kept_redacted(desk: Any) -> None:
    load = desk.load(
        "agents.csv",
        "agent_id,mood,customer_email,note\na1,good,jo@example.org,call +49 170 1234567\na2,,,\n",
    )
    assert load.columns_as_extra == ("customer_email", "mood", "note")
    extras = dict(desk.rows("select agent_id, extra from agents"))
    assert json.loads(extras["a1"]) == {
        "mood": "good",
        "customer_email": "[private]",
        "note": "call [phone]",
    }
    assert extras["a2"] is None


def test_the_same_file_again_is_already_loaded(desk: Any) -> None:
    desk.load("messages.csv", MESSAGES)
    before = desk.rows("select * from messages order by all")
    for again in (desk.load("messages.csv", MESSAGES), desk.load("messages-copy.csv", MESSAGES)):
        assert again.already_loaded
        assert (again.n_rows, again.n_skipped) == (3, 3)
    packed = desk.load("messages.csv.gz", gzip.compress(MESSAGES.encode()))
    assert packed.already_loaded
    assert desk.rows("select * from messages order by all") == before
    assert desk.rows("select count(*) from loads") == [(1,)]


def test_other_settings_load_again(desk: Any) -> None:
    desk.load("messages.csv", MESSAGES)
    again = desk.load("messages.csv", MESSAGES, timezone="UTC")
    assert not again.already_loaded
    assert again.n_duplicate == 3


def test_the_same_rows_in_another_format_are_duplicates(desk: Any) -> None:
    desk.load("messages.csv", MESSAGES)
    names = HEADER.strip().split(",")
    lines = [json.dumps(dict(zip(names, row.split(","), strict=True))) for row in MESSAGES.splitlines()[1:]]
    load = desk.load("messages.jsonl", "\n".join(reversed(lines)))
    assert (load.n_duplicate, load.n_new) == (3, 0)


def test_missing_ids_are_made_up_from_content(desk: Any, make_desk: Callable[[str], Any]) -> None:
    assert desk.load("messages.csv", NO_IDS).n_new == 3
    header, *lines = NO_IDS.splitlines()
    shuffled = "\n".join([header, *reversed(lines)])
    assert desk.load("messages-2.csv", shuffled).n_duplicate == 3
    assert desk.load("messages-3.csv", "\n".join([header, lines[0]])).n_duplicate == 1
    ids = desk.rows("select message_id from messages")
    assert len(set(ids)) == 3
    assert not make_desk("x").load("messages.csv", NO_IDS).n_duplicate


def test_a_survey_without_id_is_answered_later(desk: Any) -> None:
    sent = "conversation_id,sent_at,responded_at,csat\nc1,2026-11-02T09:00:00Z,,\n"
    answered = "conversation_id,sent_at,responded_at,csat\nc1,2026-11-02T09:00:00Z,2026-11-02T10:00:00Z,5\n"
    desk.load("surveys.csv", sent)
    assert desk.load("surveys-2.csv", answered).n_updated == 1
    assert desk.rows("select csat from surveys") == [(5.0,)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_the_newest_version_stays_whatever_the_order(desk: Any, order: tuple[int, ...]) -> None:
    header = "conversation_id,created_at,closed_at,status\n"
    versions = (
        "c1,2026-11-02T09:00:00Z,,open\n",
        "c1,2026-11-02T09:00:00Z,2026-11-02T10:00:00Z,closed\n",
        "c1,2026-11-02T09:00:00Z,2026-11-03T10:00:00Z,closed again\n",
    )
    for number in order:
        desk.load(f"conversations-{number}.csv", header + versions[number])
    assert desk.rows("select status from conversations") == [("closed again",)]


def test_versions_in_one_file_count_as_older(desk: Any) -> None:
    load = desk.load(
        "conversations.csv",
        "conversation_id,created_at,closed_at\n"
        "c1,2026-11-02T09:00:00Z,2026-11-02T10:00:00Z\n"
        "c1,2026-11-02T09:00:00Z,\n"
        "c1,2026-11-02T09:00:00Z,2026-11-02T10:00:00Z\n",
    )
    assert (load.n_new, load.n_duplicate, load.n_skipped) == (1, 1, 1)
    assert load.reasons == (Reason("an older version of a stored row", 1),)


def test_an_edited_message_replaces_its_text(desk: Any) -> None:
    first, second = (HEADER + f"m1,c1,2026-11-02T09:00:00Z,agent,a1,{text}\n" for text in ("one", "two"))
    desk.load("messages.csv", first)
    load = desk.load("messages-2.csv", second)
    assert load.n_updated + load.n_skipped == 1
    kept = desk.rows("select text from messages")
    assert len(kept) == 1
    desk.load("messages-3.csv", first + "\n")
    assert desk.rows("select text from messages") == kept


def test_bad_rows_are_quarantined_with_line_and_reason(desk: Any) -> None:
    load = desk.load(
        "events.csv",
        "conversation_id,event_type,timestamp\n"
        "c1,acepted,2026-11-02T09:00:00Z\n"
        "c1,accepted,soon\n"
        ",accepted,2026-11-02T09:00:00Z\n"
        "c1,Accepted,2026-11-02T09:00:00Z\n"
        "c1,accepted,2026-11-02T09:00:00\n",
    )
    assert (load.n_new, load.n_quarantined) == (1, 4)
    assert [(reason.text, reason.first_line) for reason in load.reasons] == [
        ("event_type: unknown value 'acepted': did you mean 'accepted'?", 2),
        ("timestamp: not a time", 3),
        ("conversation_id: is required but empty", 4),
        ("timestamp: a time without a zone", 6),
    ]
    stored = desk.rows("select line, field, table_name, file_name from quarantine order by line")
    assert stored == [
        (2, "event_type", "events", "events.csv"),
        (3, "timestamp", "events", "events.csv"),
        (4, "conversation_id", "events", "events.csv"),
        (6, "timestamp", "events", "events.csv"),
    ]


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1e400", "five"])
def test_numbers_that_are_none_are_quarantined(desk: Any, cell: str) -> None:
    load = desk.load("surveys.csv", f"survey_id,conversation_id,csat\ns1,c1,{cell}\ns2,c2,4\n")
    assert load.n_quarantined == 1
    assert desk.rows("select csat from surveys") == [(4.0,)]


def test_no_message_repeats_private_content(desk: Any) -> None:
    load = desk.load(
        "messages.csv",
        HEADER
        + "m1,c1,jo@example.org,customer,u1,x\n"
        + "m2,c1,2026-11-02T09:00:00Z,my phone is 0170 1234567,u1,x\n"
        + "m3,c1,2026-11-02T09:00:00Z,agent,a1,fine\n",
    )
    said = str(load) + str(desk.rows("select * from quarantine"))
    assert load.n_quarantined == 2
    assert "jo@" not in said
    assert "1234567" not in said


def test_numbers_in_reasons_show_their_shape_only(desk: Any) -> None:
    load = desk.load("surveys.csv", "survey_id,conversation_id,csat\ns1,c1,0170-123x\ns2,c1,5\n")
    assert load.reasons[0].text == "csat: not a number (like 9999-999a)"


def test_naive_times_refuse_the_file(desk: Any) -> None:
    naive = MESSAGES.replace("Z,", ",").replace("+00:00", "").replace("+01:00", "")
    path = desk.write("messages.csv", naive)
    with pytest.raises(SourceError, match=r"messages\.csv:2:timestamp: times have no zone .*--tz"):
        desk.ingest(path)
    assert desk.rows("select count(*) from messages") == [(0,)]
    assert desk.load("messages.csv", naive, timezone="Europe/Berlin").n_new == 3
    assert desk.rows("select timestamp_us from messages where message_id = 'm1'") == [(1793606400000000,)]


def test_a_missing_column_is_named_with_what_was_seen(desk: Any) -> None:
    path = desk.write(
        "messages.csv", "conversation_id,time_stamp,sender_type\nc1,2026-11-02T09:00:00Z,agent\n"
    )
    with pytest.raises(
        SchemaError, match=r"messages\.csv:timestamp: .*conversation_id, time_stamp"
    ) as caught:
        desk.ingest(path)
    assert "did you mean 'time_stamp'?" in str(caught.value)


def test_a_refused_file_leaves_those_before_it(desk: Any) -> None:
    good = desk.write("conversations.csv", CONVERSATIONS)
    bad = desk.write("messages.csv", "nothing\n")
    with pytest.raises(SchemaError):
        desk.ingest(good, bad)
    assert desk.rows("select table_name, n_rows from loads") == [("conversations", 2)]


def test_a_survey_needs_a_conversation_or_a_customer(desk: Any) -> None:
    load = desk.load(
        "surveys.csv", "survey_id,conversation_id,customer_id,csat\ns1,c1,,5\ns2,,u1,4\ns3,,,3\n"
    )
    assert (load.n_new, load.n_quarantined) == (2, 1)


def test_a_dry_run_stores_nothing(desk: Any) -> None:
    path = desk.write("messages.csv", MESSAGES)
    report = desk.ingest(path, dry_run=True)
    assert report.is_dry_run
    assert report.total("n_new") == 3
    assert not desk.data_dir.exists()
    desk.ingest(path)
    more = desk.write("messages-2.csv", MESSAGES + "m4,c2,2026-11-02T11:00:00Z,agent,a1,bye\n")
    assert desk.ingest(more, dry_run=True).total("n_new") == 1
    assert desk.rows("select count(*) from messages") == [(3,)]
    assert desk.rows("select count(*) from loads") == [(1,)]


def test_a_folder_is_loaded_and_the_rest_is_said(desk: Any) -> None:
    folder = desk.write("export/messages.csv", MESSAGES).parent
    desk.write(
        "export/conversations.jsonl.gz",
        gzip.compress(b'{"conversation_id": 1, "created_at": "2026-11-02T09:00Z"}'),
    )
    desk.write("export/truth.json", "{}")
    desk.write("export/config.json", '{"timezone": "Europe/Berlin"}')
    seen: list[tuple[str, int, int]] = []
    report = desk.ingest(folder, progress=lambda stage: seen.append((stage.name, stage.number, stage.total)))
    assert [load.table for load in report.files] == ["conversations", "messages"]
    assert report.ignored == ("truth.json",)
    assert report.has_changed
    assert report.is_balanced
    assert list(dict.fromkeys(seen)) == [("conversations.jsonl.gz", 0, 2), ("messages.csv", 1, 2)]
    assert desk.rows("select key, value from source_config") == [("timezone", '"Europe/Berlin"')]
    assert not desk.ingest(folder).has_changed


def test_the_ledger_is_what_was_reported(desk: Any) -> None:
    now = datetime(2026, 11, 16, 8, tzinfo=UTC)
    desk.load("messages.csv", MESSAGES + "oops\n" + HEADER, now=now)
    (row,) = desk.rows(
        "select file_name, table_name, n_rows, n_new, n_quarantined, n_skipped, skipped_reasons, loaded_at"
        " from loads"
    )
    assert row == ("messages.csv", "messages", 5, 3, 1, 1, '{"repeated header": 1}', now.replace(tzinfo=None))


def test_an_unknown_zone_is_refused_before_anything_is_made(desk: Any) -> None:
    path = desk.write("messages.csv", MESSAGES)
    with pytest.raises(ConfigError, match="unknown time zone 'Mars/Base'"):
        desk.ingest(path, timezone="Mars/Base")
    assert not desk.data_dir.exists()


def test_a_header_alone_loads_no_rows(desk: Any) -> None:
    load = desk.load("messages.csv", HEADER)
    assert (load.n_rows, load.n_new) == (0, 0)


def test_ids_are_texts(desk: Any) -> None:
    desk.load("agents.csv", "agent_id,name\n007,Bond\n7,Seven\n NULL ,None\nnan,Nan\n")
    assert desk.rows("select agent_id from agents order by 1") == [("007",), ("7",), ("NULL",), ("nan",)]
