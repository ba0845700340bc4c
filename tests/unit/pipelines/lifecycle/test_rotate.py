"""A rotated key leaves every number as it was and none of the old hashes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.config import Settings
from staffcast.core.errors import WarehouseError
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.lifecycle import backup, erase, finish, rotate_key, unfinished
from staffcast_pipelines.lifecycle import rotation as rotation_module
from staffcast_pipelines.loading.key_files import NEXT_KEY_FILE, open_keyring
from staffcast_pipelines.loading.keys import KEY_FILE

from .conftest import EMAIL, NOW

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Place

HASHED = {
    "conversations": ("customer_key",),
    "customers": ("customer_key",),
    "contacts": ("customer_key",),
    "identities": ("external_hash", "customer_key"),
    "quarantine": ("row_hash",),
}


def rotated(place: Place) -> None:
    with place.open() as warehouse:
        rotate_key(warehouse, Settings(), now=NOW)


def hashes(place: Place) -> set[str]:
    found = set()
    for table, columns in HASHED.items():
        for column in columns:
            found |= {value for (value,) in place.rows(f"select {column} from {table}") if value}
    senders = place.rows("select sender_id from messages where sender_type = 'customer'")
    found |= {sender for (sender,) in senders if sender}
    found |= {
        value[1:33] for (value,) in place.rows("select message_id from messages where message_id ^@ '~'")
    }
    return found


def test_the_same_files_again_change_nothing(place: Place, tmp_path: Path) -> None:
    tables = place.tables()
    rotated(place)
    after = place.tables()
    assert after["identities"] != tables["identities"]
    report = place.load_again(tmp_path / "again")
    assert report.total("n_new") == report.total("n_updated") == report.total("n_suppressed") == 0
    assert report.total("n_duplicate") > 700
    assert place.tables() == after


def test_rows_without_identifiers_and_equal_rows_are_known_again(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "messages.csv"
    row = "c9,2026-11-14T08:00:00Z,customer,x,hi\n"
    file.write_text("conversation_id,timestamp,sender_type,sender_id,text\n" + row * 3)
    ingest(file, data_dir=place.data_dir)
    rotated(place)
    file.write_text(file.read_text() + "\n")
    (load,) = ingest(file, data_dir=place.data_dir).files
    assert (load.n_new, load.n_duplicate) == (0, 3)


def test_pseudonyms_of_agents_are_known_again(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(
        "event_id,conversation_id,event_type,timestamp,agent_id\nx,c9,accepted,2026-11-14T08:00:00Z,ann\n"
    )
    ingest(file, data_dir=place.data_dir, pseudonymise_agents=True)
    ((before,),) = place.rows("select agent_id from events where event_id = 'x'")
    rotated(place)
    ((after,),) = place.rows("select agent_id from events where event_id = 'x'")
    assert before.startswith("agent~")
    assert after.startswith("agent~")
    assert after != before
    file.write_text(file.read_text().replace("x,c9", "y,c9"))
    ingest(file, data_dir=place.data_dir, pseudonymise_agents=True)
    assert place.rows("select agent_id from events where event_id = 'y'") == [(after,)]


@pytest.mark.usefixtures("real_build")
def test_every_fact_is_as_before(place: Place) -> None:
    before = place.facts()
    rotated(place)
    assert place.facts() == before


@pytest.mark.usefixtures("real_build")
def test_no_old_hash_is_left_in_any_byte(place: Place, tmp_path: Path) -> None:
    saved = tmp_path / "backup.tar"
    with place.open() as warehouse:
        backup(warehouse, saved, now=NOW)
    old = hashes(place)
    assert len(old) > 50
    before = place.contents(saved)
    assert all(value.encode() in before for value in old)
    rotated(place)
    after = place.contents(saved)
    assert not [value for value in old if value.encode() in after]


def test_the_erased_stay_erased(place: Place, tmp_path: Path) -> None:
    with place.open() as warehouse:
        erase(warehouse, Settings(), "canaryid1", linked=True, now=NOW)
    rotated(place)
    tables = place.tables()
    report = place.load_again(tmp_path / "again")
    assert report.total("n_suppressed") == 14
    assert place.tables() == tables
    with place.open() as warehouse:
        assert erase(warehouse, Settings(), EMAIL, linked=True, now=NOW).n_rows == {}


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_crash_leaves_a_key_that_fits(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Right before the database file is replaced, and right after, with both key files still there."""
    tables = place.tables()
    genuine = rotation_module.rewrite

    def cut(*arguments: Any) -> None:
        if point == "after":
            genuine(*arguments)
        raise WarehouseError("cut off")

    with monkeypatch.context() as patch, place.open() as warehouse:
        patch.setattr(rotation_module, "rewrite", cut)
        with pytest.raises(WarehouseError, match="cut off"):
            rotate_key(warehouse, Settings(), now=NOW)
    assert (place.data_dir / NEXT_KEY_FILE).exists()
    shutil.copytree(place.data_dir, tmp_path / "crashed")
    report = place.load_again(tmp_path / "again")
    assert report.total("n_new") == report.total("n_updated") == 0
    assert not (place.data_dir / NEXT_KEY_FILE).exists()
    if point == "before":
        assert place.tables() == tables
        return
    with place.open() as warehouse:
        assert unfinished(warehouse) == "rotate-key"
        finish(warehouse, Settings(), now=NOW)
        assert unfinished(warehouse) is None
        open_keyring(warehouse)
    n_keys = (place.data_dir / KEY_FILE).read_text().split()
    assert len(n_keys) == 2


def test_twice_is_once_more(place: Place, tmp_path: Path) -> None:
    rotated(place)
    rotated(place)
    report = place.load_again(tmp_path / "again")
    assert report.total("n_new") == report.total("n_updated") == 0
