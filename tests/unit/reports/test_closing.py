"""A month is closed, data come late, and each figure that moved says why."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tests.unit.reports.october import chat, survey, write_export

from staffcast.core.config import resolve
from staffcast.core.errors import ConfigError, WarehouseError
from staffcast.metrics import catalogue, options_from_settings, query
from staffcast.metrics import metric as find
from staffcast.reports.closing import close_month, closes, closes_table, last_close
from staffcast.reports.restating import figures_table, restated, restated_table, still_shown
from staffcast.reports.session import open_session
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from staffcast.reports.closing import Close
    from staffcast.reports.session import Session

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def load(folder: Path, data_dir: Path, *parts: dict[str, list[dict[str, Any]]]) -> None:
    """Write the rows, load them, publish."""
    write_export(folder, *parts)
    ingest([folder], data_dir=data_dir)
    publish(data_dir)


def publish(data_dir: Path, **flags: object) -> None:
    with Warehouse.open(data_dir) as warehouse:
        build(warehouse, resolve(flags=flags)[0], now=NOW)


class Desk:
    """The data folder, opened anew for each question."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.opened: list[Session] = []

    def shut(self) -> None:
        for session in self.opened:
            session.reader.close()

    def session(self, **flags: object) -> Session:
        session = open_session(flags={"data_dir": self.data_dir, "min_n": 0} | flags)
        self.opened.append(session)
        return session

    def close(self, **asked: Any) -> Close:
        session = self.session()
        return close_month(session.reader, session.settings, "2026-10", now=NOW, **asked)

    def changes(self, **flags: object) -> dict[str, dict[str, Any]]:
        session = self.session(**flags)
        frame = restated(session.reader, session.settings, last_close(self.data_dir, "2026-10"))
        return {row["metric"]: row for row in frame.filter(pl.col("dimension").is_null()).to_dicts()}


FEW = ("offered", "answered", "service_level", "csat", "fcr", "handle_time", "productivity")


@pytest.fixture(scope="module", autouse=True)
def few_metrics() -> Iterator[None]:
    """The whole catalogue takes its time: one test closes all of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("staffcast.reports.closing.catalogue", lambda: tuple(find(name) for name in FEW))
        yield


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The month as it was known on 2 November."""
    folder = tmp_path_factory.mktemp("october")
    chats = [chat(f"c{day}", day) for day in (1, 5, 9, 13, 30)]
    surveys = [survey("c1", 1, 5), survey("c5", 5, None)]
    load(folder / "export", folder / "data", *chats, *surveys, chat("november", 32))
    return folder / "data"


@pytest.fixture(scope="module")
def afterwards(october: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Closed; then came an answer, a forgotten chat, and weeks in which the last ones could mature."""
    folder = tmp_path_factory.mktemp("afterwards")
    shutil.copytree(october, folder / "data")
    made = Desk(folder / "data")
    made.close()
    made.shut()
    later = chat("forgotten", 7), chat("much later", 50)
    load(folder / "late", folder / "data", survey("c5", 5, 2), *later)
    return folder / "data"


@pytest.fixture
def desk(october: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(october, tmp_path / "data")
    made = Desk(tmp_path / "data")
    yield made
    made.shut()


@pytest.fixture
def late(afterwards: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(afterwards, tmp_path / "late")
    made = Desk(tmp_path / "late")
    yield made
    made.shut()


def test_a_close_holds_the_reported_figures_and_their_definitions(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("staffcast.reports.closing.catalogue", catalogue)
    close = desk.close()
    session = desk.session()
    options = options_from_settings(session.settings)
    whole = {row["metric"]: row for row in close.figures.filter(pl.col("dimension").is_null()).to_dicts()}
    for record in catalogue():
        own = {key: value for key, value in options.items() if key.startswith(f"{record.id}.")}
        [reported] = query(session.reader, record.id, period=close.period, options=own).to_dicts()
        assert {name: whole[record.id][name] for name in ("value", "n", "definition_hash")} == {
            name: reported[name] for name in ("value", "n", "definition_hash")
        }
        stored = close.definitions[record.id]
        assert stored["definition_hash"] == reported["definition_hash"]
        assert stored["sql"].startswith("with ")
    by_queue = close.figures.filter((pl.col("metric") == "offered") & (pl.col("part") == "support"))
    assert by_queue["value"].to_list() == [5.0]


def test_the_stored_sql_gives_the_stored_number(desk: Desk) -> None:
    close = desk.close()
    for name in ("offered", "service_level", "csat", "handle_time"):
        [row] = desk.session().reader.query(close.definitions[name]["sql"]).to_dicts()
        assert row["value"] == close.figures.filter(pl.col("metric") == name)["value"][0]


def test_nothing_changed_is_nothing_listed(desk: Desk) -> None:
    desk.close()
    assert desk.changes() == {}


def test_a_late_answer_is_a_late_survey(late: Desk) -> None:
    csat = late.changes()["csat"]
    assert (csat["closed_value"], csat["value"], csat["closed_n"], csat["n"]) == (1.0, 0.5, 1, 2)
    assert csat["reasons"] == "late survey: 1 more"
    assert csat["loads"].endswith("(surveys.jsonl)")


def test_what_was_too_recent_matures(late: Desk) -> None:
    """c30 closed on 30 October: later it counts, beside the forgotten one."""
    fcr = late.changes()["fcr"]
    assert (fcr["closed_n"], fcr["n"]) == (4, 6)
    assert fcr["reasons"] == "matured: 1 that were too recent; late data: 1 more"


def test_late_rows_name_their_loads(late: Desk) -> None:
    offered = late.changes()["offered"]
    assert offered["change"] == 1
    assert offered["reasons"] == "late data: 1 more"
    assert "(conversations.jsonl)" in offered["loads"]
    assert "surveys" not in offered["loads"]


def test_a_changed_option_is_a_changed_definition(desk: Desk) -> None:
    desk.close()
    changes = desk.changes(service_level_within_s=10)
    assert set(changes) == {"service_level"}
    assert changes["service_level"]["reasons"] == "changed definition: within_s 30 -> 10"
    assert (changes["service_level"]["closed_value"], changes["service_level"]["value"]) == (1.0, 0.0)
    assert changes["service_level"]["closed_hash"] != changes["service_level"]["definition_hash"]


def test_definition_and_data_are_told_apart(late: Desk) -> None:
    reasons = late.changes(service_level_within_s=10)["service_level"]["reasons"]
    assert reasons == "changed definition: within_s 30 -> 10; late data: 1 more"


def test_rows_that_are_gone_are_said_to_be(desk: Desk) -> None:
    desk.close()
    with Warehouse.open(desk.data_dir) as warehouse:
        for table in ("conversations", "messages", "events"):
            warehouse.con.execute(f"delete from {table} where conversation_id = 'c9'")
        build(warehouse, resolve()[0], now=NOW, full=True)
    assert desk.changes()["offered"]["reasons"] == "rows removed: 1"


def test_another_version_is_said_to_be(late: Desk) -> None:
    close = last_close(late.data_dir, "2026-10")
    raw = json.loads(close.path.read_text(encoding="utf-8"))
    close.path.write_text(json.dumps(raw | {"version": "0.0.1"}), encoding="utf-8")
    assert "another version: 0.0.1 -> " in late.changes()["offered"]["reasons"]


def test_a_metric_that_is_gone_and_one_that_is_new(desk: Desk) -> None:
    close = desk.close()
    raw = json.loads(close.path.read_text(encoding="utf-8"))
    for figure in raw["figures"]:
        figure["metric"] = "given_up" if figure["metric"] == "offered" else figure["metric"]
    close.path.write_text(json.dumps(raw), encoding="utf-8")
    changes = desk.changes()
    assert changes["given_up"]["reasons"] == "no longer in the catalogue or in the data"
    assert changes["offered"]["reasons"] == "new in the catalogue"


def test_a_month_is_closed_once_unless_replaced(late: Desk) -> None:
    first = last_close(late.data_dir, "2026-10")
    with pytest.raises(ConfigError, match=r"closed on 2026-11-02.*--replace"):
        late.close()
    again = late.close(replace=True)
    assert (first.number, again.number) == (1, 2)
    assert [close.path for close in closes(late.data_dir)] == [first.path, again.path]
    assert last_close(late.data_dir, "2026-10").number == 2
    assert late.changes() == {}
    table = closes_table(closes(late.data_dir))
    assert table["number"].to_list() == [1, 2]
    assert table["sha256"].to_list() == [first.sha256, again.sha256]


def test_the_file_is_its_owners_and_whole(desk: Desk) -> None:
    close = desk.close()
    assert stat.S_IMODE(close.path.stat().st_mode) == 0o600
    assert [path.name for path in close.path.parent.iterdir()] == ["2026-10-1.json"]


def test_a_month_must_be_whole(desk: Desk) -> None:
    session = desk.session()
    for month, message in (
        ("2026-11", "not over"), ("2026-09", "begin on 2026-10-01"), ("October", "no month"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=message):
            close_month(session.reader, session.settings, month, now=NOW)
    with pytest.raises(ConfigError, match="2026-10 is not closed"):
        last_close(desk.data_dir, "2026-10")


def test_a_damaged_file_is_named(desk: Desk) -> None:
    close = desk.close()
    close.path.write_text("{", encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"2026-10-1\.json is damaged"):
        closes(desk.data_dir)


def test_a_full_disk_leaves_no_half_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("staffcast.reports.closing.os.fsync", refuse)
    with pytest.raises(WarehouseError, match="No space left"):
        desk.close()
    assert list((desk.data_dir / "closes").iterdir()) == []


def test_words(late: Desk) -> None:
    close = last_close(late.data_dir, "2026-10")
    assert "Offered" in figures_table(close.figures)["metric"].to_list()
    session = late.session()
    table = restated_table(restated(session.reader, session.settings, close))
    row = table.filter((pl.col("metric") == "offered") & (pl.col("part") == "all")).row(0, named=True)
    assert (row["closed"], row["now"], row["change"]) == ("5", "6", "+1")


def test_under_the_profile_nothing_withheld_is_told(late: Desk) -> None:
    """Closed in the clear, then guarded: what one agent did stays unsaid, also as it was published."""
    publish(late.data_dir, works_council="on", min_group=2)
    session = late.session()
    changes = late.changes()
    assert "offered" in changes
    assert not {"handle_time", "csat", "service_level"} & set(changes)
    shown = set(still_shown(session.reader, session.settings, last_close(late.data_dir, "2026-10"))["metric"])
    assert "offered" in shown
    assert "handle_time" not in shown
