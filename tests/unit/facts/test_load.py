"""How many chats an agent held at once, and how that time is shared out.

Activity lasts 30 s after a message here, to keep the arithmetic small.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.desk import Desk

if TYPE_CHECKING:
    from tests.unit.facts.desk import Facts, Row


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    desk = Desk(settings={"active_recent_s": 30})
    desk.chat("a").queued(0).accepted(0, "hal").closed(100)
    desk.chat("b").queued(0).accepted(40, "hal").closed(160)
    desk.chat("before").queued(0).accepted(0, "ina").closed(100)
    desk.chat("after").queued(0).accepted(100, "ina").closed(200)
    desk.chat("active").queued(0).accepted(0, "jo").customer(10).agent(50).agent(130, auto=True).customer(
        200
    ).closed(260)
    desk.chat("early").queued(10).customer(0).accepted(20, "kai").agent(60).closed(120)
    desk.chat("f").queued(0).customer(0).accepted(0, "kim").agent(100).closed(100)
    desk.chat("g").queued(0).customer(40).accepted(0, "kim").agent(140).closed(140)
    desk.chat("h").queued(0).customer(0).accepted(0, "lou").agent(100).closed(100)
    desk.chat("still owed").queued(0).customer(20).accepted(0, "lou")
    desk.chat("edge").queued(0).accepted(800, "meg").closed(1000)
    desk.chat("edge2").queued(0).accepted(850, "meg").closed(950)
    desk.chat("p").queued(0).accepted(0, "ned").parked(100).resumed(300, "ned").closed(400)
    desk.chat("q").queued(0).accepted(50, "ned").closed(350)
    desk.chat("overnight", 53_400).queued(53_400).accepted(53_400, "oda").closed(55_200)  # 23:50 to 00:20
    return desk.build(tmp_path_factory.mktemp("load"), as_of=60_000)


def seconds_at(rows: list[Row], level: str, length: str) -> dict[int, float]:
    total: Counter[int] = Counter()
    for row in rows:
        total[row[level]] += row[length]
    return {k: us / 1e6 for k, us in total.items()}


def test_two_chats_at_once(facts: Facts) -> None:
    rows = facts.rows("fact_agent_load", agent_id="hal")
    assert seconds_at(rows, "k_open", "busy_us") == {1: 40 + 60, 2: 60}
    # The sum of k x seconds is the sum of both holds: 100 + 2 x 60 = 100 + 120.
    assert sum(row["open_chat_us"] for row in rows) == 220_000_000


def test_engaged_time_sums_to_busy_time(facts: Facts) -> None:
    assert facts.conversation("a").s("engaged") == 40 + 60 / 2
    assert facts.conversation("b").s("engaged") == 60 / 2 + 60
    assert sum(row.s("busy") or 0 for row in facts.rows("fact_agent_load", agent_id="hal")) == 160


def test_what_a_chat_experienced(facts: Facts) -> None:
    # a: alone for 40 s, one of two for 60; b: one of two for 60 s, alone for 60.
    assert facts.one("fact_leg", conversation_key="s/a/a").s("load") == 40 + 2 * 60
    assert facts.one("fact_leg", conversation_key="s/a/b").s("load") == 2 * 60 + 60
    # p is parked while q is alone: 50 alone, 50 of two, and after it 50 of two and 50 alone.
    assert facts.one("fact_leg", conversation_key="s/a/p").s("load") == 50 + 100 + 100 + 50
    assert facts.one("fact_leg", conversation_key="s/a/still owed")["load_us"] is None


def test_a_close_and_an_accept_at_one_instant_leave_no_dent_and_no_peak(facts: Facts) -> None:
    rows = facts.rows("fact_agent_load", agent_id="ina")
    assert seconds_at(rows, "k_open", "busy_us") == {1: 200}


def test_a_chat_is_active_while_a_message_is_owed_or_recent(facts: Facts) -> None:
    stretches = [
        (row.at("segment"), row.at("segment_end"), row["is_active"])
        for row in facts.of("fact_leg_load", "active")
    ]
    assert sorted(stretches) == [  # type: ignore[type-var]
        (0, 10, False),
        (10, 80, True),  # owed from 10 to 50, recent for 30 s after 50
        (80, 200, False),
        (200, 260, True),  # owed until the close, since nobody answered
    ]


def test_time_with_an_active_chat(facts: Facts) -> None:
    rows = facts.rows("fact_agent_load", agent_id="jo")
    assert sum(row["active_busy_us"] for row in rows) == 130_000_000
    assert sum(row["active_chat_us"] for row in rows) == 130_000_000
    assert sum(row["busy_us"] for row in rows) == 260_000_000


def test_a_chat_ends_at_its_last_active_stretch(facts: Facts) -> None:
    ends = [row.at("segment") for row in facts.of("fact_leg_load", "active") if row["ends_chat"]]
    assert ends == [200]
    assert not any(row["ends_chat"] for row in facts.of("fact_leg_load", "still owed"))


def test_active_time_begins_with_the_hold(facts: Facts) -> None:
    active = [row.s("chat") for row in facts.of("fact_leg_load", "early") if row["is_active"]]
    assert sum(s or 0 for s in active) == 70  # owed from the accept at 20 to 60, recent until 90


def test_effort_is_shared_over_the_messages_owed(facts: Facts) -> None:
    assert facts.conversation("f").s("effort") == 40 + 60 / 2
    assert facts.conversation("g").s("effort") == 60 / 2 + 40


def test_a_message_still_owed_takes_its_share(facts: Facts) -> None:
    assert facts.conversation("h").s("effort") == 20 + 80 / 2


def test_quarter_hours_cut_without_loss(facts: Facts) -> None:
    rows = facts.rows("fact_agent_load", agent_id="meg")
    cut = sorted((row.at("segment"), row.at("segment_end"), row["k_open"]) for row in rows)  # type: ignore[type-var]
    assert cut == [(800, 850, 1), (850, 900, 2), (900, 950, 2), (950, 1000, 1)]
    assert facts.conversation("edge2").s("engaged") == 50


def test_parked_time_counts_for_nobody(facts: Facts) -> None:
    rows = facts.rows("fact_agent_load", agent_id="ned")
    assert seconds_at(rows, "k_open", "busy_us") == {1: 50 + 200 + 50, 2: 50 + 50}
    assert facts.conversation("p").s("engaged") == 50 + 25 + 25 + 50


def test_an_overnight_chat_counts_on_both_days(facts: Facts) -> None:
    by_date: Counter[str] = Counter()
    for row in facts.rows("fact_agent_load", agent_id="oda"):
        by_date[row["overlap_date"]] += row["busy_us"]
    assert by_date == {"2026-11-02": 600_000_000, "2026-11-03": 1_200_000_000}
