"""How metrics hang together, whatever the rows."""

from __future__ import annotations

from typing import Any

import pytest

from staffcast.metrics import query

SEEDS = [1, 2, 3]
PERIOD = ("2026-10-30", "2026-11-15")


def answer(desk: Any, name: str, **arguments: Any) -> dict[str, Any]:
    return query(desk, name, period=PERIOD, **arguments).row(0, named=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_time_at_each_concurrency_gives_its_mean_and_its_peak(desks: Any, seed: int) -> None:
    by_k = query(desks[seed], "seconds_at_k", by="k_open", period=PERIOD)
    weighted = sum(row["k_open"] * row["value"] for row in by_k.iter_rows(named=True)) / by_k["value"].sum()
    assert answer(desks[seed], "open_concurrency")["value"] == pytest.approx(weighted, rel=1e-12)
    assert answer(desks[seed], "peak_concurrency")["value"] == by_k["k_open"].max()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_four_steps_of_the_bot_are_nested(desks: Any, seed: int) -> None:
    names = ["containment", "answered_by_bot", "verified_deflection"]
    contained, answered, verified = (answer(desks[seed], name)["numerator"] for name in names)
    assert contained >= answered >= verified > 0
    billed = ["bot_billed", "bot_billed_contained", "bot_billed_answered"]
    all_billed, alone, with_answer = (answer(desks[seed], name)["numerator"] for name in billed)
    assert all_billed >= alone >= with_answer > 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("days", [1, 7, 14])
def test_fcr_and_survey_are_four_counts_and_their_agreement(desks: Any, seed: int, days: int) -> None:
    options = {"window_days": days}
    cells = {
        (fcr, survey): answer(desks[seed], f"fcr_{fcr}_survey_{survey}", options=options)["numerator"]
        for fcr in ("yes", "no")
        for survey in ("yes", "no")
    }
    agreement = answer(desks[seed], "fcr_survey_agreement", options=options)
    assert agreement["numerator"] == cells["yes", "yes"] + cells["no", "no"]
    assert agreement["denominator"] == sum(cells.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_csat_lies_between_its_bounds(desks: Any, seed: int) -> None:
    low, found, high = (answer(desks[seed], name)["value"] for name in ("csat_lower", "csat", "csat_upper"))
    assert low <= found <= high


@pytest.mark.parametrize("seed", SEEDS)
def test_silent_abandonment_is_a_range(desks: Any, seed: int) -> None:
    bounds = [answer(desks[seed], f"silent_abandonment_{name}") for name in ("lower", "upper")]
    assert bounds[0]["denominator"] == bounds[1]["denominator"]
    assert bounds[0]["numerator"] <= bounds[1]["numerator"]


@pytest.mark.parametrize("seed", SEEDS)
def test_resolved_contacts_are_those_of_fcr(desks: Any, seed: int) -> None:
    assert answer(desks[seed], "resolved_contacts")["numerator"] == answer(desks[seed], "fcr")["numerator"]
    deflected = answer(desks[seed], "verified_deflection")["numerator"]
    assert answer(desks[seed], "verified_resolutions")["numerator"] == deflected


@pytest.mark.parametrize("seed", SEEDS)
def test_occupancy_never_exceeds_one_and_work_never_occupancy(desks: Any, seed: int) -> None:
    work, busy = (answer(desks[seed], name)["value"] for name in ("work_occupancy", "occupancy"))
    assert 0 <= work <= busy <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_planned_and_unplanned_shrinkage_are_no_more_than_all(desks: Any, seed: int) -> None:
    lost = {
        part: answer(desks[seed], "shrinkage", options={"part": part})["numerator"]
        for part in ("all", "planned", "unplanned")
    }
    assert 0 < lost["planned"] + lost["unplanned"] <= lost["all"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("short_s", [0, 10, 60])
def test_conventions_of_the_service_level_are_ordered(desks: Any, seed: int, short_s: int) -> None:
    def share(convention: str) -> float:
        options = {"convention": convention, "short_s": short_s, "within_s": 30}
        found: float = answer(desks[seed], "service_level", options=options)["value"]
        return found

    assert share("offered") <= share("served_of_all") <= share("excluding_short_abandons")
    assert share("excluding_short_abandons") <= share("served_of_served") == share("ignore_abandons")
    assert share("served_of_all") <= share("wait_within")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_group_without_a_tag_is_what_a_filter_on_no_tag_finds(desks: Any, seed: int) -> None:
    groups = {row["tag"]: row["n"] for row in query(desks[seed], "recorded_cost", by="tag").rows(named=True)}
    assert query(desks[seed], "recorded_cost", where={"tag": [None]})["n"].item() == groups[None]
