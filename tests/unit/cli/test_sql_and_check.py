"""``staffcast sql`` leads nowhere but to the tables; ``staffcast check`` takes thresholds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Staffcast


@pytest.mark.parametrize(
    "text",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "from '/etc/passwd'",
        "from glob('*')",
        "copy fact_leg to 'out.csv'",
        "export database 'out'",
        "attach 'other.duckdb' as other",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "pragma database_list",
        "call duckdb_settings()",
        "from duckdb_settings()",
        "from duckdb_secrets()",
        "from duckdb_databases()",
        "select current_setting('temp_directory')",
        "select getenv('HOME')",
        "from information_schema.schemata",
        "select 1; drop table fact_leg",
        "delete from fact_leg",
        "create table x as select 1",
        "from sqlite_master",
    ],
)
def test_nothing_but_tables_can_be_read(text: str, staffcast: Staffcast, desk: Path, tmp_path: Path) -> None:
    done = staffcast("sql", text, "-d", desk)
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert str(desk) not in done.err
    assert not list(tmp_path.iterdir())


def test_a_query_without_end_is_stopped(staffcast: Staffcast, desk: Path) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    started = time.monotonic()
    done = staffcast("sql", endless, "--time-limit", "0.5", "-d", desk)
    assert done.code == 1
    assert "stopped after 0.5 s" in done.err or "memory" in done.err
    assert time.monotonic() - started < 20


def test_a_time_limit_is_positive(staffcast: Staffcast, desk: Path) -> None:
    assert staffcast("sql", "select 1", "--time-limit", "0", "-d", desk).code == 2


def test_tables_and_columns_are_listed(staffcast: Staffcast, desk: Path) -> None:
    assert "fact_leg" in staffcast("sql", "show tables", "-d", desk).out
    assert "agent_id" in staffcast("sql", "describe fact_leg", "-d", desk).out


def test_the_report_on_the_data_is_complete(staffcast: Staffcast, desk: Path) -> None:
    rows = json.loads(staffcast("check", "-f", "json", "-d", desk).out)
    assert {row["group"] for row in rows} == {
        "late", "skewed", "inferred", "contradictory", "orphaned", "outlier", "put aside",
    }  # fmt: skip
    assert all(row["threshold"] is not None and row["status"] in ("ok", "warn", "fail") for row in rows)


def test_a_threshold_decides_the_exit(staffcast: Staffcast, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "conversations.csv").write_text(
        "conversation_id,created_at\nc1,2026-11-02T09:00:00Z\n", encoding="utf-8"
    )
    (folder / "messages.csv").write_text(
        "message_id,conversation_id,timestamp,sender_type\n"
        "m1,c1,2026-11-02T09:00:00Z,customer\nm2,c2,2026-11-02T09:00:00Z,customer\n",
        encoding="utf-8",
    )
    assert staffcast("ingest", folder, "-d", "data").code == 0
    plain = staffcast("check", "-d", "data")
    assert plain.code == 3
    assert "failed: orphan_messages" in plain.err
    assert staffcast("check", "--threshold", "orphan_messages=0.5", "-d", "data").code == 0
    Path("staffcast.toml").write_text("[check]\norphan_messages = 0.6\n", encoding="utf-8")
    assert staffcast("check", "-d", "data").code == 0
    assert staffcast("check", "-t", "orphan_messages=0.1", "-d", "data").code == 3
    assert staffcast("config", "show", "-d", "data").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--threshold", "future_row=0.1"], "did you mean 'future_rows'"),
        (["--threshold", "future_rows=5%"], "a share from 0 to 1"),
        (["--threshold", "future_rows"], "is not NAME=VALUE"),
    ],
)
def test_a_wrong_threshold_says_so(arguments: list[str], says: str, staffcast: Staffcast, desk: Path) -> None:
    done = staffcast("check", *arguments, "-d", desk)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1


def test_the_table_of_thresholds_must_be_one(staffcast: Staffcast, desk: Path) -> None:
    Path("staffcast.toml").write_text("check = 3\n", encoding="utf-8")
    done = staffcast("check", "-d", desk)
    assert done.code == 2
    assert "write [check]" in done.err
