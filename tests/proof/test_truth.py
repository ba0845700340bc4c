"""What staffcast estimates from the files of simulated desks, against what the simulator knows.

Two claims. What really happened (waits, holds, seconds at each number of chats, ...) is reproduced exactly.
And what a desk like this would give on average is covered by the stated intervals as often as they claim:
of 20 desks at 95 %, 16 or more cover with probability 0.997, so fewer than 16 refutes an interval.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.proof.desks import ProvenDesk, estimates, plan_against_arrivals, proven_desk

from staffcast.metrics import query

if TYPE_CHECKING:
    from collections.abc import Callable

QUICK = (1, 2, 3)
ALL = tuple(range(1, 21))
LOWEST_OF_20 = 16

TIMES = {
    "queue_wait_median_s": "queue_wait",
    "queue_wait_p90_s": "queue_wait_p90",
    "queue_wait_mean_s": "queue_wait_mean",
    "frt_human_median_s": "first_response",
    "frt_human_p90_s": "first_response_p90",
    "frt_human_mean_s": "first_response_mean",
    "handle_time_mean_s": "handle_time",
    "engaged_time_mean_s": "engaged_time",
    "effort_time_mean_s": "effort_time",
}
RATIOS = {
    "offered": "offered",
    "answered": "answered",
    "abandoned": "abandoned",
    "abandonment_rate": "abandonment_rate",
    "service_level": "service_level",
    "containment": "containment",
    "answered_by_bot": "answered_by_bot",
    "fcr_7d": "fcr",
    "open_concurrency_mean": "open_concurrency",
    "active_concurrency_mean": "active_concurrency",
}
OPTIONS = {
    "service_level": {"within_s": 45, "target": "fixed"},
    "fcr": {"silent": "counted"},  # what the desk notes as silent abandonment is not always one
}


@pytest.fixture(scope="module")
def desk_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], ProvenDesk]:
    made: dict[int, ProvenDesk] = {}

    def get(seed: int) -> ProvenDesk:
        if seed not in made:
            made[seed] = proven_desk(tmp_path_factory.mktemp(f"desk{seed}"), seed)
        return made[seed]

    return get


@pytest.mark.parametrize("seed", QUICK)
def test_what_happened_is_reproduced_exactly(desk_of: Callable[[int], ProvenDesk], seed: int) -> None:
    desk = desk_of(seed)
    for name, metric in RATIOS.items():
        clock = "calendar" if metric == "service_level" else None
        row = query(desk.reader, metric, clock=clock, options=OPTIONS.get(metric, {})).row(0, named=True)
        known = desk.realised(name)
        numerator, denominator = row["numerator"], row["denominator"]
        if name in ("offered", "answered", "abandoned"):
            assert row["value"] == known["value"], name
        elif name.endswith("concurrency_mean"):
            assert (numerator, denominator) == (
                round(known["numerator"] * 1e6),
                round(known["denominator"] * 1e6),
            )
        else:
            assert (numerator, denominator) == (known["numerator"], known["denominator"]), name
    for name, metric in TIMES.items():
        clock = "calendar" if metric.startswith(("queue", "first")) else None
        row, known = query(desk.reader, metric, clock=clock).row(0, named=True), desk.realised(name)
        assert row["n"] == known["n"], name
        # Shares of a moment are rounded down to a microsecond a leg, and truth.json to six decimals.
        assert row["value"] == pytest.approx(known["value"], abs=2e-6), name
    # The truth counts outreach and tests here as well, which the metrics leave out.
    work = desk.reader.query("""
        select count(*) filter (where n_transfers > 0), count(*) filter (where is_escalated), count(*)
        from fact_conversation where is_human_handled and is_ended
    """).row(0)
    moved, escalated = desk.realised("transfer_rate"), desk.realised("escalated_out_rate")
    assert work == (moved["numerator"], escalated["numerator"], moved["denominator"])
    levels = query(desk.reader, "seconds_at_k", by="k_open")
    for k, seconds in levels.select("k_open", "value").iter_rows():
        assert seconds == pytest.approx(desk.realised(f"open_seconds_at_{k}")["value"], abs=1e-6)


def coverage(desks: list[ProvenDesk]) -> tuple[Counter[str], Counter[str]]:
    covered: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for desk in desks:
        for estimate in estimates(desk):
            tried[estimate.name] += 1
            covered[estimate.name] += estimate.low <= desk.expected(estimate.name) <= estimate.high
            if estimate.name.startswith("handle"):
                assert estimate.value == pytest.approx(desk.realised(estimate.name)["value"], rel=1e-5)
    return covered, tried


def test_intervals_cover_on_three_desks(desk_of: Callable[[int], ProvenDesk]) -> None:
    """33 intervals at 95 %: 27 or more cover with probability 0.994."""
    covered, tried = coverage([desk_of(seed) for seed in QUICK])
    assert tried.total() == 33
    assert covered.total() >= 27, covered


def test_the_plan_has_the_shape_of_the_arrivals(desk_of: Callable[[int], ProvenDesk]) -> None:
    for seed in QUICK:
        correlation, out_of_hours = plan_against_arrivals(desk_of(seed))
        assert correlation > 0.8
        assert out_of_hours == 0


@pytest.mark.slow
def test_intervals_cover_on_twenty_desks(desk_of: Callable[[int], ProvenDesk]) -> None:
    desks = [desk_of(seed) for seed in ALL]
    covered, tried = coverage(desks)
    print({name: f"{covered[name]}/{tried[name]}" for name in sorted(tried)})
    assert set(tried.values()) == {20}
    for name, count in covered.items():
        assert count >= LOWEST_OF_20, f"{name}: {count} of 20"
    shapes = [plan_against_arrivals(desk) for desk in desks]
    assert np.median([correlation for correlation, _ in shapes]) > 0.85
    assert min(correlation for correlation, _ in shapes) > 0.8
    assert sum(out_of_hours for _, out_of_hours in shapes) == 0
