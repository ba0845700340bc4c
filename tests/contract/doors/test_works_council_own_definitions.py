"""No definition of the user's own lifts the works-council profile."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from tests.contract.doors.test_works_council import APP, MIN_GROUP

from staffcast.core.config import resolve
from staffcast.metrics import metric
from staffcast.metrics.loader import use
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse
from staffcast_cli.main import run
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_pipelines.works_council import lock
from staffcast_sample_data import packaged_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Door = Callable[[str], tuple[int, str]]

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 16, tzinfo=UTC)
DIMENSIONS = """
[dimensions]
who = "agent_id"
last = "case when last_agent_id like '2026%' then lower(last_agent_id) end"
chat = "conversation_id"
long = "case when handle_us > 600000000 then 'yes' else 'no' end"
region = "case when country in ('DE', 'AT') then 'DACH' else 'other' end"
"""


def own_metric(body: str) -> str:
    return (
        '[metrics.mine]\nlabel = "M"\nunit = "s"\ndefinition = "d"\nfact = "fact_conversation"\n'
        f'cohort = "close"\n{body}\n'
    )


@pytest.fixture(scope="module")
def locked_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locked")
    ingest([packaged_sample()], data_dir=folder)
    with Warehouse.open(folder) as warehouse:
        defaults = data_defaults(warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall())
        lock(warehouse, MIN_GROUP, now=NOW)
        build(warehouse, resolve(data=defaults)[0], now=NOW)
    return folder


@pytest.fixture
def door(
    locked_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Door]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STAFFCAST_DATA_DIR", str(locked_dir))

    def call(line: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["staffcast", *shlex.split(line)])
        code = 0
        try:
            run()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    yield call
    use(None)


def config(text: str) -> None:
    Path("staffcast.toml").write_text(text, encoding="utf-8")


def test_a_definition_cannot_say_that_it_rests_on_nobody(door: Door) -> None:
    config("[metrics.handle_time]\nrests_on_agents = false\n")
    code, printed = door("report handle_time --by queue")
    assert code
    assert "unknown key 'rests_on_agents'" in printed


@pytest.mark.parametrize(
    "line",
    [
        "report {m} --by {d} -f json",
        "report {m} --where {d}=yes",
        "explain {m} --rows --by {d}",
        "explain {m} --rows --where {d}=yes",
        "diff {m} --by {d}",
        "fcr-curve --by {d}",
        "concurrency --where {d}=yes",
        "reconcile -m volume --vendor vendor.csv --where {d}=yes",
    ],
)
@pytest.mark.parametrize(
    ("metric", "dimension"), [("missed_offer_rate", "who"), ("conversations", "chat"), ("answered", "long"),
                              ("handle_time", "last")],
)  # fmt: skip
def test_own_dimensions_single_out_nobody(line: str, metric: str, dimension: str, door: Door) -> None:
    config(DIMENSIONS)
    Path("vendor.csv").write_text("value\n80\n", encoding="utf-8")
    code, printed = door(line.format(m=metric, d=dimension))
    assert code in (1, 2)
    assert printed.count("\n") == 1
    assert "works-council profile" in printed or "cannot be grouped or filtered" in printed
    if "{m}" in line:
        assert "works-council profile" in printed


def test_own_dimensions_of_groups_are_as_good_as_ours(door: Door) -> None:
    config(DIMENSIONS)
    code, printed = door("report conversations handle_time --by region -f csv")
    assert code == 0
    assert "DACH" in printed


@pytest.mark.parametrize("column", ["handle_us", "conversation_id", "start_at_us"])
def test_a_metric_opens_no_column_to_be_grouped_by(column: str, door: Door) -> None:
    config(f'[metrics.conversations]\ndimensions = ["{column}"]\n')
    code, printed = door(f"report conversations --by {column}")
    assert code
    assert f"allows no figure by {column}" in printed


def test_a_changed_volume_is_guarded_as_work(door: Door) -> None:
    config('[metrics.conversations]\nfilter = "is_inbound and handle_us > 600000000"\n')
    _, printed = door("report conversations --by queue -f json")
    assert printed.count('"suppressed"') > 1
    _, rows = door("explain conversations --rows -f csv")
    assert rows.splitlines()[0] == "row_status,row_value"


def test_other_words_leave_a_volume_as_it_is(door: Door) -> None:
    config('[metrics.conversations]\nlabel = "Chats"\n')
    _, printed = door("report conversations --by queue -f json")
    assert '"suppressed"' not in printed


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("value", "kind = \"mean\"\nvalue = \"case when queue = 'sales' then handle_us else 0 end\""),
        ("value", "kind = \"maximum\"\nvalue = \"case when last_agent_id like '%a' then 1 else 0 end\""),
        ("numerator", "kind = \"share\"\nnumerator = \"queue = 'sales' and handle_us > 600000000\""),
        ("filter", "kind = \"mean\"\nvalue = \"handle_us\"\nfilter = \"last_agent_id not like '%a'\""),
        ("censored", "kind = \"mean\"\nvalue = \"handle_us\"\ncensored = \"queue = 'sales'\""),
        ("exclusions", "kind = \"mean\"\nvalue = \"handle_us\"\nexclusions = { slow = \"queue = 'sales'\" }"),
        ("denominator", ("kind = \"weighted\"\nvalue = \"handle_us\"\nquantile = 0.5\n"
                        "denominator = \"case when queue = 'sales' then 1 else 0 end\"")),
        ("event", "kind = \"survival\"\nvalue = \"handle_us\"\nquantile = 0.5\nevent = \"queue = 'sales'\""),
        ("clocks", ('kind = "mean"\nvalue = "held"\n'
                   'clocks = { held = { business = "parked_us", calendar = "handle_us" } }')),
    ],
)  # fmt: skip
@pytest.mark.parametrize("line", ["report mine", "explain mine --rows", "report mine --grain day"])
def test_a_measure_tells_of_all_rows_only(key: str, body: str, line: str, door: Door) -> None:
    config(own_metric(body))
    code, printed = door(line)
    assert code in (1, 2)
    assert f"allows no figure by the '{key}' of [metrics.mine]" in printed
    assert printed.count("\n") == 1


def test_a_plain_measure_of_a_large_group_is_shown(door: Door) -> None:
    config(own_metric('kind = "share"\nnumerator = "handle_us > 600000000"\nfilter = "is_human_handled"'))
    code, printed = door("report mine -f json")
    assert code == 0
    assert '"suppressed"' not in printed
    _, by_queue = door("report mine --by queue -f json")
    assert '"suppressed"' in by_queue


@pytest.mark.parametrize(
    "line", ["report mine --by queue -o out.xlsx", "diff mine --by queue", "explain mine --rows -o out.csv"]
)
def test_other_doors_guard_them_as_well(line: str, door: Door) -> None:
    config(own_metric('kind = "mean"\nvalue = "case when queue = \'sales\' then handle_us else 0 end"'))
    code, printed = door(line)
    assert code in (1, 2)
    assert "allows no figure" in printed
    assert not list(Path().glob("out.*"))


@pytest.mark.parametrize("by", ["Who", "Chat", "Long"])
def test_the_dashboard_guards_them_as_well(by: str, door: Door) -> None:
    del door  # its folder and its data
    config(DIMENSIONS)
    st.cache_resource.clear()  # an open session has read its definitions
    app = AppTest.from_file(str(APP), default_timeout=60)
    app._page_hash = calc_hash("metrics")
    name = "missed_offer_rate" if by == "Who" else "conversations"
    app.query_params.update({"metric": metric(name).label, "by": by})
    app.run()
    assert not app.exception
    assert not app.dataframe
    assert f"allows no figure by {by.lower()}" in app.info[0].value
