"""Survivals, derived metrics, tags and the user's own definitions, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from staffcast.core.errors import ConfigError, MetricError
from staffcast.core.units import US_PER_S
from staffcast.metrics import dimensions_of, explain, metric, query
from staffcast.metrics.loader import builtin, use
from staffcast.metrics.own import read_definitions
from staffcast.metrics.own_expressions import check_expressions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OWN = """
[metrics.wait_all]
label = "Wait, however it ended"
unit = "s"
kind = "survival"
fact = "fact_conversation"
cohort = "queue"
filter = "is_offered"
value = "coalesce(queue_wait_us, abandon_wait_us, waiting_us)"
event = "is_answered"
quantile = 0.5
divisor = 1000000
definition = "Time to the accept, of all who waited."

[metrics.answers_per_offer]
label = "Answers per offer"
unit = "per offer"
kind = "derived"
numerator = "answered"
denominator = "offers_made"
n_of = 1
definition = "Answered conversations for each offer to an agent."

[metrics.offers_made]
label = "Offers"
unit = "offers"
kind = "count"
fact = "fact_offer"
cohort = "queue"
definition = "Offers to agents."

[metrics.csat]
filter = "is_responded and csat is not null"

[dimensions]
region = "case when country in ('DE', 'AT') then 'DACH' else 'other' end"
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    def put(text: str) -> Path:
        path = tmp_path / "staffcast.toml"
        path.write_text(text, encoding="utf-8")
        use(read_definitions(path))
        return path

    yield put
    use(None)


def row(number: int, wait_s: int, fate: str, **more: Any) -> dict[str, Any]:
    column = {"answered": "queue_wait_us", "abandoned": "abandon_wait_us", "waiting": "waiting_us"}[fate]
    labels = {
        f"queue_{name}": value
        for name, value in {
            "date": "2026-11-02",
            "hour": 9,
            "weekday": 1,
            "week": "2026-11-02",
            "month": "2026-11",
        }.items()
    }
    return {"conversation_key": f"s/a/{number}", "queue": "sales", "is_offered": True, f"is_{fate}": True,
            column: wait_s * US_PER_S, **labels, **more}  # fmt: skip


def test_a_survival_uses_waits_that_were_cut_short(own: Callable[[str], Path], reader_of: Any) -> None:
    own(OWN)
    # 10 answered: 4/5 left; 20 abandoned: not an end; 30 answered: of 3 at risk 2 left = 8/15;
    # 40 answered: of 2 one left = 4/15, at most half.
    rows = [row(1, 10, "answered"), row(2, 20, "abandoned"), row(3, 30, "answered"),
            row(4, 40, "answered"), row(5, 50, "waiting")]  # fmt: skip
    found = query(reader_of(fact_conversation=rows), "wait_all").row(0, named=True)
    assert (found["value"], found["n"], found["n_censored"]) == (40.0, 5, 2)


def test_a_survival_that_never_falls_to_half_says_so(own: Callable[[str], Path], reader_of: Any) -> None:
    own(OWN)
    rows = [row(1, 10, "answered"), row(2, 20, "abandoned"), row(3, 30, "abandoned")]
    found = query(reader_of(fact_conversation=rows), "wait_all").row(0, named=True)
    assert (found["value"], found["null_reason"]) == (None, "window_censored")


def test_a_derived_metric_divides_counts_of_two_facts(own: Callable[[str], Path], reader_of: Any) -> None:
    own(OWN)
    offer = {"offer_key": "o", "conversation_key": "s/a/1", "queue": "sales", "queue_date": "2026-11-02"}
    desk = reader_of(
        fact_conversation=[row(1, 10, "answered"), row(2, 20, "answered", queue="support")],
        fact_offer=[offer, offer, offer | {"queue": "nobody"}],
    )
    found = query(desk, "answers_per_offer").row(0, named=True)
    assert (found["value"], found["numerator"], found["denominator"], found["n"]) == (2 / 3, 2, 3, 3)
    by_queue = query(desk, "answers_per_offer", by="queue").sort("queue")
    assert by_queue.select("queue", "numerator", "denominator", "value", "null_reason").rows() == [
        ("nobody", 0, 1, 0.0, None),
        ("sales", 1, 2, 0.5, None),
        ("support", 1, None, None, "denominator_zero"),
    ]
    explained = explain("answers_per_offer", reader=desk, by="queue")
    assert (
        desk.con.sql(explained.sql).pl()["value"].to_list()
        == query(desk, "answers_per_offer", by="queue")["value"].to_list()
    )
    assert explained.rows is not None
    assert explained.rows["part"].to_list().count("denominator") == 3


def test_a_derived_metric_has_the_dimensions_of_both(own: Callable[[str], Path]) -> None:
    own(OWN)
    assert "agent_id" in dimensions_of(metric("offers_made"))
    assert "agent_id" not in dimensions_of(metric("answers_per_offer"))
    with pytest.raises(MetricError, match=r"its grain is a conversation over an offer"):
        explain("answers_per_offer", by="agent_id")


def test_a_tag_counts_a_conversation_under_each(reader_of: Any) -> None:
    tags = [{"conversation_key": "s/a/1", "tag": tag} for tag in ("vip", "late")]
    desk = reader_of(fact_conversation=[row(1, 10, "answered"), row(2, 20, "answered")], bridge_tag=tags)
    parts = query(desk, "offered", by="tag").sort("tag", nulls_last=True)
    assert parts.select("tag", "value").rows() == [("late", 1.0), ("vip", 1.0), (None, 1.0)]
    assert parts["convention"][0].endswith("a conversation counts under each of its tags")
    for tags_wanted, expected in ((["vip", "late"], 1), ([None], 1), ([None, "vip"], 2), (["x"], 0)):
        assert query(desk, "offered", where={"tag": tags_wanted})["value"].item() == expected
        shown = explain("offered", where={"tag": tags_wanted}).sql
        assert desk.con.sql(shown).pl()["value"].item() == expected


def test_the_users_dimension_groups_and_filters(own: Callable[[str], Path], reader_of: Any) -> None:
    own(OWN)
    desk = reader_of(
        fact_conversation=[row(n, 10, "answered", country=c) for n, c in enumerate(["DE", "AT", "FR", None])]
    )
    assert query(desk, "offered", by="region").sort("region")["value"].to_list() == [2.0, 2.0]
    assert query(desk, "offered", where={"region": "DACH"})["value"].item() == 2
    assert "region" not in dimensions_of(metric("open_concurrency"))


def test_the_users_change_of_a_packaged_metric_changes_its_hash(own: Callable[[str], Path]) -> None:
    packaged = explain("csat").definition_hash
    own(OWN)
    assert explain("csat").definition_hash != packaged
    assert metric("csat").label == "CSAT"
    use(None)
    assert explain("csat").definition_hash == packaged


def test_the_packaged_definitions_pass_the_checks_of_own_ones() -> None:
    for table in builtin().values():
        if table.get("kind") != "derived":
            check_expressions({"kind": "mean"} | dict(table))


def test_what_is_well_formed_is_taken(own: Callable[[str], Path]) -> None:
    own("""
[dimensions]
long = "case when handle_us > 600000000 then 'yes' else 'no' end"
number = "cast(priority as bigint)"

[metrics.service_level]
filter = "is_offered and queue_wait_us <= :within_us"
exclusions = { odd = "topic = 'from the union, over and over'" }
""")
    assert {"long", "number"} <= set(dimensions_of(metric("service_level")))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[metrics.x]\nlabel = 1", 0, "'unit' is missing"),
        ("[metrics.csat]\nfilterr = 'x'", 1, "unknown key 'filterr'"),
        ("[metrics.csat]\nlabel = 'x'\nfilter = 'is_respnded'", 2, "no column 'is_respnded'"),
        ("[metrics.csat]\nfilter = 'csat::int = 5'", 1, "'::' is not in the portable SQL"),
        ("[metrics.csat]\nfilter = 'csat > 3; drop table fact_survey'", 1, "';' is not in the portable SQL"),
        ("[metrics.csat]\nkind = 'shar'", 1, "kind 'shar' is none"),
        ("[metrics.csat]\ncohort = 'queue'", 1, "fact_survey has no cohort 'queue'"),
        ("[metrics.csat]\nnumerator = 'csat + queue'", 1, "Binder Error"),
        ("[metrics.csat]\nnumerator = ''", 0, "a share needs 'numerator'"),
        ("[metrics.fcr.options.window_days]\nmeaning = 'x'", 0, "malformed"),
        ("[metrics]\ncsat = 5", 0, "a metric must be a table"),
        ("[dimensions]\nregion = 5", 1, "a dimension is an expression"),
        ("[dimensions]\nqueue = 'topic'", 1, "'queue' is a column already"),
        ("[dimensions]\nregion = 'upper(countri)'", 1, "no fact has all of its columns: countri"),
        ("[dimensions]\nregion = 'country + 1'", 1, "Binder Error"),
        ("dimensions = 5", 0, "dimensions must be a table"),
        ("[metrics.csat]\nlabel = 'x'\nnumerator = 'csat'", 2, "'csat' is no predicate, but DOUBLE"),
        ("[metrics.handled]\nfilter = 'n_legs'", 1, "'n_legs' is no predicate, but BIGINT"),
        ("[metrics.handled]\nlabel = 'x'\nfilter = 'n_legs >'", 2, "Parser Error"),
        ("[metrics.handled]\nfilter = 'is_offered, is_answered'", 1, "no single expression"),
        ("[metrics.handle_time]\nvalue = 'is_offered'", 1, "'is_offered' is no number, but BOOLEAN"),
        ("[metrics.handle_time]\nvalue = 'sum(handle_us) over ()'", 1, "'over' looks beyond one row"),
        ("[metrics.handle_time]\nvalue = 'max(handle_us)'", 1, "'max' looks beyond one row"),
        ("[metrics.handle_time]\nfilter = 'queue = 5'", 1, "it mixes text and numbers"),
        ("[metrics.csat.exclusions]\nodd = 'csat > 3'\nlate = 'csat'", 2, "'csat' is no predicate"),
        ("[metrics.csat]\nexclusions = { late = 'csat' }", 1, "exclusions.late: 'csat' is no predicate"),
        ("[metrics.csat]\nexclusions = { \"it's\" = 'csat > 3' }", 1, "small letters"),
        ("[metrics.csat]\ndimensions = ['topik']", 1, "fact_survey has no column 'topik'"),
        (
            "[metrics.queue_wait.clocks]\nwait_us = { business = '0', calendar = 'queue_wait_us' }",
            1,
            "column '0'",
        ),
        ("[metrics.csat]\nlabel = 1", 1, "label must be a text"),
        ("[metrics.csat]\nlabel = 'x'\nconvention = 'as {told}'", 2, "braces around what is no option"),
        ("[metrics.nps]\nlabel = 'x'\nquantile = 1.5", 2, "quantile must be between 0 and 1, not 1.5"),
        ("[metrics.nps]\ndivisor = 0", 1, "divisor must be a whole number above 0"),
        (
            "[metrics.productivity]\nlabel = 'x'\ndenominator = 'available'",
            2,
            "its denominator 'available' is no count",
        ),
        ("[metrics.productivity]\nnumerator = 'csat'", 1, "its numerator 'csat' is no count"),
        ("[metrics.csat]\nlabel = 'x'\n[metrics.nps]\nfilter = 'csat'", 3, "'csat' is no predicate"),
        (
            "[dimensions]\na = 'topic'\nregion = \"case when country in (1) then 'a' end\"",
            2,
            "mixes text and",
        ),
        ("[dimensions]\nregion = \"case when is_offered then 'a' else 1 end\"", 1, "mixes text and numbers"),
        ("[dimensions]\nregion = 'max(country)'", 1, "'max' looks beyond one row"),
        ("[dimensions]\nregion = 'country, queue'", 1, "no single expression"),
    ],
)
def test_a_malformed_definition_is_told_with_its_line(
    own: Callable[[str], Path], text: str, line: int, message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        own("timezone = 'UTC'\n" + text)
    assert message in str(raised.value)
    if "must be a table" not in message or "metric" in message:
        assert f"staffcast.toml:{line + 2}:" in str(raised.value) or line == 0
