"""Under the works-council profile no door shows a person, a pseudonym, or a group of few agents."""

from __future__ import annotations

import re
import shlex
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from staffcast.core.config import resolve
from staffcast.core.errors import ConfigError, MetricError, StaffcastError, WarehouseError
from staffcast.metrics import Kind, catalogue, dimensions_of, explain, metric, query
from staffcast.planning import staff
from staffcast.reports.session import open_session
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.generations import open_generation
from staffcast.store.warehouse import Warehouse
from staffcast_cli.main import run
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.lifecycle import backup, export_person, restore
from staffcast_pipelines.works_council import lock, profile, unlock
from staffcast_sample_data import packaged_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from staffcast.core.config import Settings
    from staffcast.store.reader import Reader

    Doors = Callable[..., tuple[int, str]]

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 16, tzinfo=UTC)
MIN_GROUP = 5
PEOPLE = re.compile(
    r"\ba00[1-7]\b|agent~[0-9a-f]|Fixtura|Exemplar|Musterfeld|Demoski|Formblatt|Sampleton|Placeholm"
)
"""Identifiers, pseudonyms and names of the sample's seven agents, who work in three teams of two or three."""

CUSTOMER = "u00231"
"""Had a chat with one of them."""

APP = Path(__file__).parents[3] / "dashboards" / "app.py"
DIMENSIONS = ("queue", "topic", "hour", "date", "team", "site", "status")


def settings_of(warehouse: Warehouse, **flags: object) -> Settings:
    defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
    return resolve(data=defaults, flags=flags)[0]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("plain")
    ingest([packaged_sample()], data_dir=folder)
    with Warehouse.open(folder) as warehouse:
        build(warehouse, settings_of(warehouse), now=NOW)
    with open_generation(folder) as reader:
        yield reader


@pytest.fixture(scope="module")
def locked_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loaded in clear, published in clear, and then locked."""
    folder = tmp_path_factory.mktemp("locked")
    ingest([packaged_sample()], data_dir=folder)
    with Warehouse.open(folder) as warehouse:
        build(warehouse, settings_of(warehouse), now=NOW)
        lock(warehouse, MIN_GROUP, now=NOW)
        build(warehouse, settings_of(warehouse), now=NOW)
    return folder


@pytest.fixture(scope="module")
def locked(locked_dir: Path) -> Iterator[Reader]:
    with open_generation(locked_dir) as reader:
        yield reader


@pytest.fixture
def door(
    locked_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Doors:
    """Runs the command line on the locked desk; gives the exit code and all that was printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAFFCAST_DATA_DIR", str(locked_dir))

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["staffcast", *arguments])
        code = 0
        try:
            run()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def test_totals_are_those_without_the_profile(plain: Reader, locked: Reader) -> None:
    n_shown = 0
    for record in catalogue():
        shown = query(locked, record.id)
        if shown["null_reason"][0] != "suppressed":  # too few agents behind a rare thing, even in total
            n_shown += 1
            # Pay and limits are the desk's average then: equal in total, not from day to day.
            hidden = ("ci_low", "ci_high") if record.kind in (Kind.RATIO, Kind.DERIVED) else ()
            assert shown.drop(hidden).row(0) == query(plain, record.id).drop(hidden).row(0), record.id
    assert n_shown > len(catalogue()) / 2


def test_only_the_current_generation_is_kept(locked_dir: Path) -> None:
    assert len(list((locked_dir / "generations").glob("gen-*"))) == 1


def test_no_published_table_names_an_agent(locked: Reader) -> None:
    names = locked.run("select table_name from duckdb_tables()")["table_name"].to_list()
    assert len(names) > 15
    for name in names:
        text = locked.run(f"select * from {name}").write_csv()
        assert not PEOPLE.search(text), name
    labels = locked.run("select distinct agent_id, team, site from fact_agent_load")
    assert labels["team"].null_count() == labels.height  # no team of the sample has five agents
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d/[0-9a-f]{12}", label) for label in labels["agent_id"])


def test_nothing_links_the_labels_of_two_days(locked: Reader) -> None:
    found = locked.run(
        "select distinct substr(agent_id, 12) as label, substr(agent_id, 1, 10) as day from fact_leg"
    )
    assert found["label"].n_unique() == found.height
    assert found["day"].n_unique() > 3


def test_the_files_hold_no_name_and_no_identifier(locked_dir: Path) -> None:
    for path in (locked_dir / "generations").iterdir():
        assert not PEOPLE.search(path.read_bytes().decode("latin-1")), path.name


def test_stored_agents_have_pseudonyms(locked_dir: Path) -> None:
    with Warehouse.open(locked_dir) as warehouse:
        rows = warehouse.con.sql(
            "select agent_id, name from agents"
            " union select sender_id, null from messages where sender_type in ('agent', 'bot')"
            " union select agent_id, null from events where agent_id is not null"
        ).fetchall()
    assert len({agent for agent, _ in rows}) == 8
    assert all(agent.startswith("agent~") and name is None for agent, name in rows)


def test_the_warehouse_file_keeps_no_clear_identifier(locked_dir: Path) -> None:
    # The last hexadecimal digits of a hash look like one of them now and then.
    names = re.compile(
        r"Fixtura|Exemplar|Musterfeld|Demoski|Formblatt|Sampleton|Placeholm|(?<![0-9a-f]{16})a00[1-7]\b"
    )
    for path in locked_dir.glob("warehouse.duckdb*"):
        assert not names.search(path.read_bytes().decode("latin-1")), path.name


@pytest.fixture(scope="module")
def workers(plain: Reader) -> dict[str, set[str]]:
    """Real agents by key of a conversation, leg, turn or offer."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, agent in plain.run(
        "select conversation_key, agent_id from fact_leg"
        " union select conversation_key, agent_id from fact_turn"
        " union select leg_key, agent_id from fact_leg union select turn_key, agent_id from fact_turn"
        " union select offer_key, agent_id from fact_offer"
    ).iter_rows():
        found[key].add(agent)
    return found


def agents_behind(plain: Reader, workers: dict[str, set[str]], name: str, by: str) -> dict[Any, set[str]]:
    """Real agents behind the rows that count in each cell, found from the rows themselves."""
    rows = explain(name, by=by, reader=plain).rows
    assert rows is not None
    found: dict[Any, set[str]] = defaultdict(set)
    for row in rows.iter_rows(named=True):
        if row["row_status"] == "used":
            own = {row["agent_id"]} if "agent_id" in row else set()
            keys = [row[name] for name in row if name.endswith("_key")]
            found[row[by]] |= own | {agent for key in keys for agent in workers.get(key, ()) if agent}
    return found


@pytest.mark.parametrize(
    "record", [record for record in catalogue() if record.id == record.family], ids=lambda record: record.id
)
def test_every_shown_cell_rests_on_enough_agents(
    record: Any, plain: Reader, locked: Reader, workers: dict[str, set[str]]
) -> None:
    for by in DIMENSIONS:
        if by not in dimensions_of(record):
            continue
        behind = agents_behind(plain, workers, record.id, by) if record.rests_on_agents else {}
        for row in query(locked, record.id, by=by).iter_rows(named=True):
            if row["null_reason"] == "suppressed":
                assert (row["value"], row["n"], row["numerator"], row["n_excluded"]) == (None,) * 4
            elif by not in ("team", "site"):  # their labels were dropped: their one cell is the total
                assert len(behind.get(row[by], ())) not in range(1, MIN_GROUP), (by, row)


def test_something_is_shown_and_something_withheld(locked: Reader) -> None:
    by_date = query(locked, "answered", by="date")["null_reason"].to_list()
    assert None in by_date
    assert set(query(locked, "handle_time", by="queue")["null_reason"]) == {"suppressed"}
    assert query(locked, "offered", by="queue")["null_reason"].null_count() == 6


@pytest.mark.parametrize("name", ["answered", "missed_offer_rate", "open_concurrency", "reply_time", "csat"])
def test_people_are_refused(name: str, locked: Reader) -> None:
    dimension = "agent_id" if "agent_id" in dimensions_of(metric(name)) else "queue"
    if dimension == "agent_id":
        with pytest.raises(MetricError, match="works-council profile"):
            query(locked, name, by="agent_id")
        with pytest.raises(MetricError, match="works-council profile"):
            query(locked, name, where={"agent_id": "a001"})
        with pytest.raises(MetricError, match="works-council profile"):
            explain(name, by="agent_id", reader=locked)
    rows = explain(name, by="date", reader=locked).rows
    assert rows is not None
    assert rows.columns == ["date", "row_status", "row_value"]
    assert rows.equals(rows.sort(rows.columns))


def test_free_queries_read_no_facts(locked: Reader) -> None:
    assert not [name for name in locked.tables() if name.startswith("fact_") or name == "agents"]
    for text in ("select * from fact_leg", "describe fact_leg", "select (select count(*) from agents)"):
        with pytest.raises(WarehouseError, match="works-council profile"):
            locked.query(text)


COMMANDS = (
    "report",
    "report -f json",
    "report --grain day",
    "report --by queue -f csv",
    "report handle_time --by hour",
    "report open_concurrency --by team",
    "report open_concurrency --by site -f json",
    "report --compare",
    "report reply_time --by queue --grain day",
    "explain handle_time --rows",
    "explain open_concurrency --rows",
    "explain missed_offer_rate --rows --by queue",
    "explain csat",
    "metrics",
    "metrics open_concurrency",
    "staff",
    "forecast",
    "check",
    "config show",
    "doctor",
    "works-council",
    "sql --limit 99 'from loads'",
    "report --html r.html",
    "report csat_all_legs productivity legs_per_hour shrinkage agent_cost",
    "report concurrency_p95 occupancy --grain day --ledger",
    "diff service_level --by queue",
    "diff handle_time",
    "reconcile --metric csat --vendor vendor.csv --rows",
    "audit bot --rows",
    "concurrency",
    "fcr-curve --html r.html",
    "csat -f json",
    "staff whatif",
    "metrics --glossary",
)


@pytest.mark.parametrize("line", COMMANDS)
def test_no_command_prints_a_person(line: str, door: Doors, tmp_path: Path) -> None:
    Path("vendor.csv").write_text("conversation_id,csat\nc1,5\n", encoding="utf-8")
    _, printed = door(*shlex.split(line))
    assert printed
    assert "internal error" not in printed
    assert not PEOPLE.search(printed)
    for path in tmp_path.glob("*.html"):
        assert not PEOPLE.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "report answered --by last_agent_id",
        "report missed_offer_rate --by agent_id",
        "report missed_offer_rate --where agent_id=a001",
        "report open_concurrency --by agent_id -f json",
        "explain missed_offer_rate --rows --by agent_id",
        "report open_concurrency --where team=sales",
        "diff handle_time --by last_agent_id",
        "diff legs_per_hour --by agent_id",
        "sql 'select agent_id, avg(handle_us) from fact_leg group by agent_id'",
        "sql 'with x as (select * from fact_conversation) select * from x'",
        "sql 'select * from agents'",
    ],
)
def test_questions_about_people_get_one_line(line: str, door: Doors) -> None:
    code, printed = door(*shlex.split(line))
    assert code in (1, 2)
    assert printed.count("\n") == 1
    assert not PEOPLE.search(printed.replace("a001", ""))


def test_the_dashboard_shows_no_person(locked_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFCAST_DATA_DIR", str(locked_dir))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    shown = " ".join(str(getattr(element, "proto", "")) for element in (*app.main, *app.sidebar))
    assert "Arrivals by hour" in shown
    assert not PEOPLE.search(shown)


def test_settings_cannot_lift_the_lock(locked_dir: Path) -> None:
    weaker = {"works_council": "off", "min_group": 2, "data_dir": locked_dir}
    session = open_session(flags=weaker)
    origins = {item.name: (item.value, item.origin) for item in session.origins}
    assert origins["works_council"] == ("on", "locked")
    assert origins["min_group"] == ("5", "locked")
    assert session.reader.min_group == MIN_GROUP
    session.reader.close()
    with Warehouse.open(locked_dir) as warehouse:
        build(warehouse, settings_of(warehouse, works_council="off", min_group=2), now=NOW)
    with open_generation(locked_dir) as reader:
        assert reader.min_group == MIN_GROUP
    stricter = open_session(flags={"works_council": "on", "min_group": 7, "data_dir": locked_dir})
    assert stricter.reader.min_group == 7
    stricter.reader.close()


def test_only_its_key_unlocks(tmp_path: Path) -> None:
    ingest([packaged_sample()], data_dir=tmp_path)
    with Warehouse.open(tmp_path) as warehouse:
        key = lock(warehouse, MIN_GROUP, now=NOW)
        assert key not in str(warehouse.con.sql("select * from policies").fetchall())
        with pytest.raises(WarehouseError, match="locked already"):
            lock(warehouse, 2, now=NOW)
        with pytest.raises(WarehouseError, match="does not unlock"):
            unlock(warehouse, "0" * 30, now=NOW)
        unlock(warehouse, f" {key}\n", now=NOW)
        build(warehouse, settings_of(warehouse), now=NOW)
        with pytest.raises(WarehouseError, match="not locked"):
            unlock(warehouse, key, now=NOW)
        record = warehouse.con.sql("select value from policies where key = 'works_council_record' order by 1")
        assert [line.split()[1] for (line,) in record.fetchall()] == ["locked", "unlocked"]
    with open_generation(tmp_path) as reader:
        assert reader.min_group == 0
        assert query(reader, "missed_offer_rate", by="agent_id").height > 1


def test_the_setting_alone_refuses_data_published_without_it(tmp_path: Path) -> None:
    ingest([packaged_sample()], data_dir=tmp_path)
    with Warehouse.open(tmp_path) as warehouse:
        build(warehouse, settings_of(warehouse), now=NOW)
    with pytest.raises(ConfigError, match="published without it"):
        open_session(flags={"works_council": "on", "data_dir": tmp_path})
    with Warehouse.open(tmp_path) as warehouse:
        build(warehouse, settings_of(warehouse, works_council="on"), now=NOW)
    session = open_session(flags={"data_dir": tmp_path})
    assert session.settings.works_council == "on"
    session.reader.close()


def test_loading_again_under_the_profile_changes_no_total(plain: Reader, tmp_path: Path) -> None:
    ingest([packaged_sample()], data_dir=tmp_path)
    with Warehouse.open(tmp_path) as warehouse:
        build(warehouse, settings_of(warehouse, works_council="on"), now=NOW)
    ingest([packaged_sample()], data_dir=tmp_path, source="default", pseudonymise_agents=True)
    with Warehouse.open(tmp_path) as warehouse:
        build(warehouse, settings_of(warehouse, works_council="on"), now=NOW)
    with open_generation(tmp_path) as reader:
        for name in ("open_concurrency", "active_concurrency", "handle_time", "conversations"):
            assert query(reader, name)["value"].item() == query(plain, name)["value"].item()


def test_a_desk_below_the_limit_shows_demand_only(tmp_path: Path) -> None:
    ingest([packaged_sample()], data_dir=tmp_path)
    with Warehouse.open(tmp_path) as warehouse:
        build(warehouse, settings_of(warehouse, works_council="on", min_group=9), now=NOW)
    with open_generation(tmp_path) as reader:
        for record in catalogue():
            [reason] = query(reader, record.id)["null_reason"]
            assert (reason == "suppressed") == record.rests_on_agents, record.id
    session = open_session(flags={"data_dir": tmp_path})
    with pytest.raises(StaffcastError, match="works-council"):
        staff(session.reader, session.settings)
    session.reader.close()


def test_a_backup_from_before_the_lock_does_not_lift_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    ingest([packaged_sample()], data_dir=folder)
    with Warehouse.open(folder) as warehouse:
        backup(warehouse, tmp_path / "old.staffcast", now=NOW)
        lock(warehouse, MIN_GROUP, now=NOW)
        build(warehouse, settings_of(warehouse), now=NOW)
    restore(tmp_path / "old.staffcast", folder, now=NOW, force=True)
    with Warehouse.open(folder) as warehouse:
        assert profile(warehouse.con, settings_of(warehouse)).is_locked
        build(warehouse, settings_of(warehouse), now=NOW)
        clear = warehouse.con.sql("select 1 from agents where not starts_with(agent_id, 'agent~')")
        assert not clear.fetchall()
    with open_generation(folder) as reader:
        assert reader.min_group == MIN_GROUP


def test_what_a_customer_gets_names_no_agent(locked_dir: Path) -> None:
    with Warehouse.open(locked_dir) as warehouse:
        document = export_person(warehouse, CUSTOMER)
    assert len(document["tables"]["messages"]) > 3
    assert not PEOPLE.search(str(document))
