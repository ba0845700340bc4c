"""Small published desks, and the app running on one of them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from staffcast.core.config import Settings
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import build

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
Rows = dict[str, list[Row]]

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
END = datetime(2026, 11, 16, tzinfo=UTC)
HOURS = json.dumps({"weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}})
EVIL_QUEUE = "support <img src=x onerror=alert(1)> *b*"


@dataclass
class Desk:
    """Canonical rows of a small desk."""

    rng: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311 - a seed, not a secret
    rows: Rows = field(default_factory=dict)

    def add(self, table: str, **values: object) -> None:
        own = {"source": "s", "source_account": "a", "row_hash": 1, "load_id": 1}
        self.rows.setdefault(table, []).append(own | values)

    def queue(self, name: str) -> None:
        self.add("queues", queue=name, timezone="UTC", hours=HOURS, max_concurrency=3)

    def conversation(self, number: int, at: datetime, queue: str, *, has_survey: bool) -> None:
        rng, name = self.rng, f"c{number}"
        start = int(at.timestamp()) * 1_000_000
        wait = round(rng.expovariate(1 / 25)) + 1
        is_lost = wait > 60 and rng.random() < 0.5
        length = rng.randint(200, 900)
        by_bot = rng.random() < 0.3
        closed = start + (wait + length) * 1_000_000
        self.add(
            "conversations", conversation_id=name, created_at_us=start, closed_at_us=closed,
            queue=None if by_bot else queue,
            customer_key=f"k{number % 400}", channel="web", language=rng.choice(["de", "en"]),
            department=queue.split()[0], topic=rng.choice(["billing", "login"]), mode="live",
            bot_outcome="assumed" if by_bot else None,
        )  # fmt: skip
        events = [("created", 0, None)]
        if by_bot:
            events.append(("closed", 60, None))
            messages = [(0, "customer", None), (3, "bot", "b1")]
        elif is_lost:
            events += [("queued", 1, None), ("abandoned", wait, None), ("closed", wait, None)]
            messages = [(0, "customer", None)]
        else:
            agent = f"a{number % 4}"
            events += [("queued", 1, None), ("accepted", wait, agent), ("closed", wait + length, agent)]
            messages = [(0, "customer", None), (wait + 12, "agent", agent), (wait + 80, "customer", None),
                        (wait + 80 + rng.randint(10, 140), "agent", agent)]  # fmt: skip
        for kind, after_s, agent_id in events:
            self.add(
                "events", event_id=f"{name}{kind}", conversation_id=name, event_type=kind,
                timestamp_us=start + after_s * 1_000_000, agent_id=agent_id,
                queue=queue if kind == "queued" else None,
            )  # fmt: skip
        for after_s, sender, sender_id in messages:
            self.add(
                "messages", message_id=f"{name}m{after_s}", conversation_id=name, sender_type=sender,
                timestamp_us=start + after_s * 1_000_000, sender_id=sender_id,
            )  # fmt: skip
        if has_survey and rng.random() < 0.5:
            self.add(
                "surveys", survey_id=f"s{number}", conversation_id=name, sent_at_us=closed,
                responded_at_us=closed + 60_000_000, csat=float(rng.choice([2, 4, 5])),
            )  # fmt: skip

    def publish(self, data_dir: Path) -> Path:
        """Store and build; again with more rows gives the next generation."""
        with Warehouse.open(data_dir, create=True) as warehouse:
            for table, rows in self.rows.items():
                frame = pl.DataFrame(rows, infer_schema_length=None)
                warehouse.con.register("incoming", frame)
                warehouse.con.execute(f"insert into {table} by name from incoming")
                warehouse.con.unregister("incoming")
            build(warehouse, Settings(as_of=END.isoformat()), now=END)
        self.rows.clear()
        return data_dir


def make_desk(days: int, *, per_day: int = 24, has_surveys: bool = True) -> Desk:
    desk = Desk()
    queues = ("sales", EVIL_QUEUE)
    for queue in queues:
        desk.queue(queue)
    number = 0
    for day in range(days):
        midnight = END - timedelta(days=days - day)
        if midnight.isoweekday() > 5:
            continue
        for _ in range(per_day):
            at = midnight + timedelta(seconds=desk.rng.randint(9 * 3600, 16 * 3600))
            desk.conversation(number, at, queues[number % 2], has_survey=has_surveys)
            number += 1
    return desk


@pytest.fixture(scope="session")
def ten_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two periods of 28 days and two more weeks, with two queues."""
    return make_desk(70, per_day=18).publish(tmp_path_factory.mktemp("ten_weeks"))


@pytest.fixture(scope="session")
def no_surveys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week with nothing before it and without surveys."""
    return make_desk(7, has_surveys=False).publish(tmp_path_factory.mktemp("no_surveys"))


@pytest.fixture(scope="session")
def one_row(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A single conversation."""
    return make_desk(3, per_day=1, has_surveys=False).publish(tmp_path_factory.mktemp("one_row"))


@pytest.fixture(scope="session")
def new_desk() -> Callable[[int], Desk]:
    """Rows of so many days, not yet published."""
    return make_desk


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Start the app on a data folder, on a page, with query parameters."""
    monkeypatch.chdir(tmp_path)

    def start(data_dir: Path, page: str = "", **params: str | list[str]) -> AppTest:
        monkeypatch.setenv("STAFFCAST_DATA_DIR", str(data_dir))
        app = AppTest.from_file(APP, default_timeout=60)
        if page:
            app._page_hash = calc_hash(page)
        app.query_params.update(params)
        return app.run()

    return start
