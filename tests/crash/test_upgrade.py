"""A warehouse of schema version 1 opens, keeps every row and every text, and takes its old export again."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import duckdb
import pytest
from tests.crash.places import Place, check_whole, differing
from tests.crash.trials import Trial, scratch

from staffcast.store.schema import CANONICAL_TABLES
from staffcast.store.warehouse import WAREHOUSE_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.places import Children

_WITH_HASHES = ("loads", "agents", "queues", "targets")
"""Published with hashes of their rows, which version 2 computes in another way."""
_KEPT = ("identities", "loads", "quarantine", "source_config")
_NEWER = (
    "policies",
    "replaced_keys",
    "customer_terms",
    "tombstones",
    "backups",
    "erasures",
    "schema_version",
)


def write_version_1(new: Path, old: Path) -> None:
    """The rows of a present warehouse as version 1 stored them: text apart, hashes in hex, facts inside."""
    script = resources.files("staffcast.store") / "migrations" / "0001_canonical.sql"
    with duckdb.connect(old) as con:
        con.execute("create table schema_version (version BIGINT PRIMARY KEY)")
        con.execute("insert into schema_version values (1)")
        con.execute(script.read_text(encoding="utf-8"))
        con.execute("attach ? as new (read_only)", [str(new)])
        for table in CANONICAL_TABLES:
            columns = "* exclude (text)" if table.name == "messages" else "*"
            con.execute(
                f"insert into {table.name} by name select {columns}"
                f" replace (md5(row_hash::varchar) as row_hash) from new.{table.name}"
            )
        con.execute(
            "insert into message_texts by name select source, source_account, message_id, text"
            " from new.messages where text is not null"
        )
        for name in _KEPT:
            con.execute(f"insert into {name} by name select * from new.{name}")
        con.execute("update loads set settings_hash = 'of version 1'")
        con.execute("create table fact_turn as select 1 as of_version_1")
        con.execute("create table message_roots as select 1 as of_version_1")


@pytest.fixture
def version_1(trials: dict[str, Trial], tmp_path: Path) -> Place:
    """The first export, loaded by version 1, with nothing published since."""
    trial = trials["first ingest"]
    assert trial.after
    place = scratch(tmp_path, trial)
    write_version_1(trial.after.data_dir / WAREHOUSE_FILE, place.data_dir / WAREHOUSE_FILE)
    return place


def test_version_1_gives_the_same_tables_and_facts(
    trials: dict[str, Trial], children: Children, version_1: Place
) -> None:
    trial = trials["first ingest"]
    doctor = children.run("cli", "doctor", "-f", "csv", "-d", str(version_1.data_dir))
    assert "schema version 1, the next command brings it to 2" in doctor.out
    assert children.run("full_build", str(version_1.data_dir)).code == 0
    published = differing(version_1.published(), trial.published, but=_WITH_HASHES)
    assert not published
    stored = version_1.rows_of(CANONICAL_TABLES, but="row_hash")
    assert trial.after
    assert stored == trial.after.rows_of(CANONICAL_TABLES, but="row_hash")


def test_the_old_export_again_doubles_nothing(trials: dict[str, Trial], version_1: Place) -> None:
    trial = trials["first ingest"]
    assert trial.start(version_1).wait().code == 0
    assert trial.after
    assert version_1.rows_of(CANONICAL_TABLES, but="load_id") == trial.after.rows_of(
        CANONICAL_TABLES, but="load_id"
    )
    facts = differing(version_1.published(), trial.published, but=[*_WITH_HASHES, "build_info"])
    assert {name for name in facts if name.startswith(("fact_", "dim_"))} == set()
    check_whole(version_1.data_dir)


@pytest.mark.slow
@pytest.mark.usefixtures("needs_faults")
def test_an_upgrade_cut_off_is_done_by_the_next_command(
    trials: dict[str, Trial], children: Children, version_1: Place, tmp_path: Path
) -> None:
    """Killed at each of its changes on the disk."""
    trial = trials["first ingest"]
    assert trial.after
    for n in range(1, 40):
        place = version_1.copy_to(tmp_path / "cut")
        fault = trial.fault_at(place, n, -1)
        children.run("full_build", str(place.data_dir), fault=fault)
        ended = children.run("full_build", str(place.data_dir))
        assert ended.code == 0, ended.err
        assert not differing(place.published(), trial.published, but=_WITH_HASHES)
        assert place.rows_of(CANONICAL_TABLES, but="row_hash") == trial.after.rows_of(
            CANONICAL_TABLES, but="row_hash"
        )
