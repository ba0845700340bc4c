"""Which groups are withheld, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.errors import MetricError
from staffcast.metrics import explain, metric, query
from staffcast.metrics.loader import use
from staffcast.metrics.own import read_definitions
from staffcast.metrics.suppression import refuse_people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DAY = "2026-11-02"
NEXT_DAY = "2026-11-03"


def stretches(team: str | None, n_agents: int, *, day: str = DAY, hour: int = 9) -> list[dict[str, Any]]:
    return [
        {
            "agent_id": f"{day}/{team}{number}",
            "team": team,
            "overlap_date": day,
            "overlap_hour": hour,
            "busy_us": 60_000_000,
            "open_chat_us": 120_000_000,
        }
        for number in range(n_agents)
    ]


def shown(reader: Any, **question: Any) -> dict[Any, float | None]:
    rows = query(reader, "open_concurrency", **question)
    by = question["by"]
    return dict(zip(rows[by], rows["value"], strict=True))


def test_small_groups_take_the_next_larger_with_them(reader_of: Callable[..., Any]) -> None:
    reader = reader_of(fact_agent_load=stretches("a", 2) + stretches("b", 6) + stretches("c", 7))
    reader.min_group = 5
    # 2 alone would be the total minus 6 and 7.
    assert shown(reader, by="team") == {"a": None, "b": None, "c": 2.0}


def test_groups_that_hide_one_another_need_no_third(reader_of: Callable[..., Any]) -> None:
    reader = reader_of(fact_agent_load=stretches("a", 2) + stretches("b", 3) + stretches("c", 7))
    reader.min_group = 5
    assert shown(reader, by="team") == {"a": None, "b": None, "c": 2.0}


def test_enough_agents_on_one_day_are_enough(reader_of: Callable[..., Any]) -> None:
    rows = stretches("a", 2) + stretches("a", 5, day=NEXT_DAY) + stretches("b", 5)
    reader = reader_of(fact_agent_load=rows)
    reader.min_group = 5
    assert shown(reader, by="team") == {"a": 2.0, "b": 2.0}


def test_agents_of_several_days_do_not_add_up(reader_of: Callable[..., Any]) -> None:
    reader = reader_of(fact_agent_load=stretches("a", 3) + stretches("a", 3, day=NEXT_DAY))
    reader.min_group = 5
    assert query(reader, "open_concurrency")["null_reason"].to_list() == ["suppressed"]


def test_a_lone_small_period_hides_another(reader_of: Callable[..., Any]) -> None:
    rows = stretches("a", 6) + stretches("a", 1, day=NEXT_DAY) + stretches("a", 5, day="2026-11-04")
    reader = reader_of(fact_agent_load=rows)
    reader.min_group = 5
    reasons = query(reader, "open_concurrency", grain="day")["null_reason"].to_list()
    assert reasons == [None, "suppressed", "suppressed"]


def test_a_withheld_group_shows_no_part_of_its_number(reader_of: Callable[..., Any]) -> None:
    reader = reader_of(fact_agent_load=stretches("a", 2))
    reader.min_group = 5
    [row] = query(reader, "open_concurrency", by="team").to_dicts()
    parts = ("value", "numerator", "denominator", "n", "n_excluded", "n_censored", "ci_low", "ci_high")
    assert {row[name] for name in parts} == {None}
    assert row["null_reason"] == "suppressed"


def test_rows_behind_a_withheld_group_are_left_out(reader_of: Callable[..., Any]) -> None:
    reader = reader_of(fact_agent_load=stretches("a", 4) + stretches("b", 4) + stretches("c", 7))
    reader.min_group = 5
    rows = explain("open_concurrency", by="team", reader=reader).rows
    assert rows is not None
    assert set(rows["team"]) == {"c"}
    assert rows.columns == ["team", "row_status", "row_value"]


def test_demand_keeps_its_chats(reader_of: Callable[..., Any]) -> None:
    reader = reader_of(fact_conversation=[{"conversation_key": "c1", "is_inbound": True, "start_date": DAY}])
    reader.min_group = 5
    rows = explain("conversations", reader=reader).rows
    assert rows is not None
    assert rows["conversation_key"].to_list() == ["c1"]


@pytest.mark.parametrize("question", [{"by": "agent_id"}, {"where": {"agent_id": "a1"}}])
def test_people_are_refused(question: dict[str, Any], reader_of: Callable[..., Any]) -> None:
    reader = reader_of()
    reader.min_group = 5
    with pytest.raises(MetricError, match="no figure by agent_id"):
        query(reader, "open_concurrency", **question)
    with pytest.raises(MetricError, match="no figure by agent_id"):
        explain("open_concurrency", reader=reader, **question)


def test_demand_is_no_work_of_agents(reader_of: Callable[..., Any]) -> None:
    chats = [{"conversation_key": f"c{n}", "is_inbound": True, "start_date": DAY} for n in range(3)]
    legs = [{"conversation_key": "c1", "agent_id": f"{DAY}/x", "leg_key": "c1#1"}]
    reader = reader_of(fact_conversation=chats, fact_leg=legs)
    reader.min_group = 5
    assert query(reader, "conversations")["value"].to_list() == [3.0]


def test_a_figure_that_no_agent_took_part_in_is_shown(reader_of: Callable[..., Any]) -> None:
    chat = {
        "conversation_key": "c1", "is_inbound": True, "is_offered": True, "is_abandoned": True,
        "start_date": DAY, "queue_date": DAY,
    }  # fmt: skip
    reader = reader_of(fact_conversation=[chat])
    reader.min_group = 5
    assert query(reader, "abandoned")["value"].to_list() == [1.0]


def test_what_few_agents_left_over_is_theirs_too(reader_of: Callable[..., Any]) -> None:
    """One abandoned of two offered would tell what the one agent at work took."""
    common = {"is_inbound": True, "is_offered": True, "start_date": DAY, "queue_date": DAY}
    chats = [common | {"conversation_key": "c1", "is_abandoned": True}, common | {"conversation_key": "c2"}]
    legs = [{"conversation_key": "c2", "agent_id": f"{DAY}/x", "leg_key": "c2#1"}]
    reader = reader_of(fact_conversation=chats, fact_leg=legs)
    reader.min_group = 5
    assert query(reader, "abandoned")["null_reason"].to_list() == ["suppressed"]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Puts a staffcast.toml in force."""

    def put(text: str) -> None:
        path = tmp_path / "staffcast.toml"
        path.write_text(text, encoding="utf-8")
        use(read_definitions(path))

    yield put
    use(None)


@pytest.mark.parametrize(
    "name", ["agent_id", "last_agent_id", "handle_us", "conversation_key", "who", "long"]
)
def test_what_singles_out_is_refused_under_the_profile_only(own: Callable[[str], None], name: str) -> None:
    own("""[dimensions]\nwho = "lower(agent_id)"\nlong = "case when handle_us > 5 then topic end"\n""")
    refuse_people([name], min_group=0)
    with pytest.raises(MetricError, match=f"allows no figure by {name}"):
        refuse_people(["queue", name], min_group=5)


def test_groups_are_not_refused(own: Callable[[str], None]) -> None:
    own("""[dimensions]\nregion = "case when country = 'DE' then tier else start_month end"\n""")
    refuse_people(["queue", "hour", "tag", "team", "k_open", "region", "no_such_thing"], min_group=5)


CHATS = [
    {"conversation_key": f"s/a/{n}", "close_date": DAY, "is_inbound": True, "start_date": DAY, "handle_us": n}
    for n in range(6)
]
LEGS = [{"conversation_key": f"s/a/{n}", "agent_id": f"{DAY}/a{n % 2}", "start_date": DAY} for n in range(6)]


def test_an_own_figure_is_guarded_whatever_it_counts(own: Callable[[str], None], reader_of: Any) -> None:
    own("[metrics.conversations]\nfilter = 'is_inbound and handle_us > 2'")
    reader = reader_of(fact_conversation=CHATS, fact_leg=LEGS)
    assert query(reader, "conversations")["value"].item() == 3
    reader.min_group = 5
    assert query(reader, "conversations")["null_reason"].item() == "suppressed"
    own("[metrics.conversations]\nlabel = 'Chats'")
    assert query(reader, "conversations")["value"].item() == 6


def test_a_fact_that_tells_no_agent_tells_nothing_of_ones_own(
    own: Callable[[str], None], reader_of: Any
) -> None:
    own("[metrics.arrival_rate]\nnumerator = 'n_answered * 3600000000'")
    slot = {"queue": "q", "slot_at_us": 0, "open_us": 900_000_000, "n_answered": 3, "queue_date": DAY}
    reader = reader_of(fact_arrivals=[slot])
    assert query(reader, "arrival_rate")["value"].item() == 12
    reader.min_group = 5
    assert query(reader, "arrival_rate")["null_reason"].item() == "suppressed"
    rows = explain("arrival_rate", reader=reader).rows
    assert rows is not None
    assert rows.is_empty()


def test_an_own_measure_of_two_columns_is_refused(own: Callable[[str], None], reader_of: Any) -> None:
    own("[metrics.handle_time]\nvalue = 'case when n_legs = 1 then handle_us else 0 end'")
    reader = reader_of(fact_conversation=CHATS, fact_leg=LEGS)
    query(reader, "handle_time")
    reader.min_group = 2
    with pytest.raises(MetricError, match=r"the 'value' of \[metrics.handle_time\]"):
        query(reader, "handle_time")
    own("[metrics.handle_time]\nvalue = 'case when handle_us > 3 then 1 else 0 end'")
    query(reader, "handle_time")


def test_a_part_of_ones_own_guards_the_whole(own: Callable[[str], None]) -> None:
    assert not metric("cost_per_verified_resolution").rests_on_agents
    own("[metrics.verified_resolutions]\nfilter = 'handle_us > 5'")
    assert metric("cost_per_verified_resolution").rests_on_agents
