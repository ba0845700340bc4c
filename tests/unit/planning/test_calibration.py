"""Handle time by exposure, patience from censored waits, and what stands in where data are thin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from staffcast.core.errors import ModelError
from staffcast.planning import Calibration, calibrate
from staffcast.planning.calibration import rate_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

S = 1_000_000


def stretch(
    queue: str | None, level: int, seconds: float, *, ends: bool = False, active: bool = True
) -> dict[str, Any]:
    return {"queue": queue, "k_active": level, "k_open": level, "chat_us": round(seconds * S),
            "is_active": active,
            "ends_chat": ends}  # fmt: skip


def closures(queue: str | None, level: int, n: int, seconds: float) -> list[dict[str, Any]]:
    """n chats that ended at a level, and the time that all chats together spent at it."""
    return [stretch(queue, level, seconds / n, ends=True) for _ in range(n)]


def handle(calibration: Calibration, queue: str) -> list[tuple[int, float, int, str]]:
    rows = calibration.handle.filter(queue=queue).sort("level").iter_rows(named=True)
    return [(row["level"], row["handle_s"], row["n_closures"], row["origin"]) for row in rows]


def test_exposure_over_closures(reader_of: Callable[..., Any]) -> None:
    """Level 1: 30 closures with 9,000 s, and 3,000 s of chats that ended elsewhere: 12,000 / 30 = 400 s."""
    load = [*closures("q", 1, 30, 9_000), stretch("q", 1, 3_000), stretch("q", 1, 5_000, active=False)]
    load += closures("q", 2, 40, 20_000)
    calibration = calibrate(reader_of(fact_leg_load=load), limits={"q": 2})
    assert handle(calibration, "q") == [(1, 400.0, 30, "measured"), (2, 500.0, 40, "measured")]
    first = calibration.handle.row(0, named=True)
    assert (first["lower_s"], first["upper_s"]) == pytest.approx(rate_interval(12_000, 30, 0.95))


def test_thin_levels_are_pooled_and_missing_ones_extended(reader_of: Callable[..., Any]) -> None:
    load = closures("a", 1, 50, 15_000) + closures("a", 2, 20, 8_000) + closures("b", 2, 20, 16_000)
    calibration = calibrate(reader_of(fact_leg_load=load), limits={"a": 4, "b": 1, "new": 2})
    assert handle(calibration, "a") == [
        (1, 300.0, 50, "measured"),
        (2, 600.0, 40, "pooled"),  # (8,000 + 16,000) / (20 + 20)
        (3, 900.0, 0, "extended"),  # by the last step
        (4, 1200.0, 0, "extended"),
    ]
    assert handle(calibration, "b") == [(1, 300.0, 50, "pooled")]
    assert [row[3] for row in handle(calibration, "new")] == ["pooled", "pooled"]
    extended = calibration.handle.filter(origin="extended").row(0, named=True)
    assert (extended["lower_s"], extended["upper_s"]) == (0.0, math.inf)


def test_a_falling_step_is_not_carried_on(reader_of: Callable[..., Any]) -> None:
    load = closures("q", 1, 30, 30_000) + closures("q", 2, 30, 15_000)
    assert [row[1] for row in handle(calibrate(reader_of(fact_leg_load=load), limits={"q": 3}), "q")] == [
        1000,
        500,
        500,
    ]


def test_with_few_closures_altogether_all_levels_share_the_mean(reader_of: Callable[..., Any]) -> None:
    load = closures("q", 1, 2, 600) + closures("q", 2, 2, 1_000)
    calibration = calibrate(reader_of(fact_leg_load=load), limits={"q": 2})
    assert [row[1] for row in handle(calibration, "q")] == [400.0, 400.0]


def test_nothing_to_learn_from(reader_of: Callable[..., Any]) -> None:
    with pytest.raises(ModelError, match="no finished chats"):
        calibrate(reader_of(), limits={"q": 1})
    with pytest.raises(ModelError, match="no finished chats"):
        calibrate(reader_of(fact_leg_load=[stretch("q", 1, 100)]), limits={"q": 1})


def test_wrapup_and_legs_make_up_a_chat(reader_of: Callable[..., Any]) -> None:
    """Chat 1 has two legs of 20 s and 40 s wrap-up, chat 2 one of 30 s; outreach adds wrap-up but no chat."""
    legs = [
        {
            "queue": "q",
            "conversation_key": key,
            "wrapup_us": wrapup * S,
            "end_reason": end,
            "initiated_by": who,
        }
        for key, wrapup, end, who in [
            ("1", 20, "transferred", "customer"),
            ("1", 40, "closed", "customer"),
            ("2", 30, "closed", "proactive"),
            ("3", 110, "closed", "agent"),
            ("4", 999, "open", "customer"),
        ]
    ]
    calibration = calibrate(
        reader_of(fact_leg_load=closures("q", 1, 30, 9_000), fact_leg=legs), limits={"q": 1}
    )
    assert calibration.wrapup_s == {"q": 50.0}  # 200 s over 4 legs
    assert calibration.legs_per_chat == {"q": 1.5}  # 3 legs of 2 chats
    assert calibration.handle_s_by_level("q", 1) == [(300 + 50) * 1.5]


def waits(queue: str, answered: Sequence[float] = (), gone: Sequence[float] = (), still: Sequence[float] = (),
          mode: str = "live") -> list[dict[str, Any]]:  # fmt: skip
    common = {"queue": queue, "is_offered": True, "mode": mode}
    return [
        *({"queue_wait_us": round(s * S), "is_answered": True, **common} for s in answered),
        *({"abandon_wait_us": round(s * S), "is_abandoned": True, **common} for s in gone),
        *({"waiting_us": round(s * S), "is_waiting": True, **common} for s in still),
    ]


def patience(calibration: Calibration) -> dict[str, tuple[float, int, str]]:
    rows = calibration.patience.iter_rows(named=True)
    return {row["queue"]: (row["patience_s"], row["n_abandoned"], row["origin"]) for row in rows}


def test_patience_is_all_waiting_over_those_who_left(reader_of: Callable[..., Any]) -> None:
    rows = waits("q", [30.0] * 90, [60.0] * 10, [200.0]) + waits("q", [90_000.0], mode="messaging")
    rows += waits("few", [10.0] * 5, [50.0] * 2) + waits("none", [10.0] * 5)
    load = closures("q", 1, 30, 9_000)
    calibration = calibrate(
        reader_of(fact_leg_load=load, fact_conversation=rows), limits={"q": 1, "few": 1, "none": 1}
    )
    pooled = (2_700 + 600 + 200 + 50 + 100 + 50) / 12
    assert patience(calibration) == {
        "few": (pooled, 12, "pooled"),
        "none": (pooled, 12, "pooled"),
        "q": ((2_700 + 600 + 200) / 10, 10, "measured"),
    }
    assert calibration.patience_s("elsewhere") == math.inf


def test_nobody_left_means_endless_patience(reader_of: Callable[..., Any]) -> None:
    rows = waits("q", [10.0] * 5)
    calibration = calibrate(
        reader_of(fact_leg_load=closures("q", 1, 30, 9_000), fact_conversation=rows), limits={"q": 1}
    )
    assert patience(calibration) == {"q": (math.inf, 0, "measured")}
    low, high = calibration.patience.select("lower_s", "upper_s").row(0)
    assert low == pytest.approx(50 / 3.689, rel=1e-3)  # even 0 of 50 s allows 3.69 in 97.5 %
    assert high == math.inf


TRUE_HANDLE_S = (300.0, 380.0, 500.0)


def one_agent(rng: np.random.Generator, hours: float, per_hour: float) -> list[dict[str, Any]]:
    """An agent with up to three chats, each of which ends at rate 1 / AHT_k while the agent holds k."""
    rows: list[dict[str, Any]] = []
    k, left = 0, hours * 3600
    while left > 0:
        ending = k / TRUE_HANDLE_S[k - 1] if k else 0.0
        arriving = per_hour / 3600 if k < len(TRUE_HANDLE_S) else 0.0
        step = rng.exponential(1 / (ending + arriving))
        ends = rng.random() < ending / (ending + arriving)
        rows += [stretch("q", k, step, ends=ends and chat == 0) for chat in range(k)]
        k += -1 if ends else 1
        left -= step
    return rows


def test_known_handle_times_are_recovered(reader_of: Callable[..., Any]) -> None:
    """About 2,400 closures: estimates within 4 standard errors, intervals as wide as they should be."""
    rng = np.random.default_rng(11)
    rows = one_agent(rng, hours=200, per_hour=16)
    calibration = calibrate(reader_of(fact_leg_load=rows), limits={"q": 3})
    for row, truth in zip(calibration.handle.sort("level").iter_rows(named=True), TRUE_HANDLE_S, strict=True):
        error = row["handle_s"] / math.sqrt(row["n_closures"])
        assert abs(row["handle_s"] - truth) < 4 * error
        assert row["upper_s"] - row["lower_s"] == pytest.approx(2 * 1.96 * error, rel=0.05)


def test_intervals_cover_as_often_as_they_say() -> None:
    """95 % intervals of 400 samples with 40 events each: 366 to 397 cover (binomial, 1 in 1000)."""
    rng = np.random.default_rng(12)
    exposures = rng.gamma(40, 250.0, size=400)  # the time until the 40th event of rate 1 / 250 s
    covered = sum(low <= 250.0 <= high for low, high in (rate_interval(x, 40, 0.95) for x in exposures))
    assert 366 <= covered <= 397


@pytest.mark.parametrize("n", [0, 1, 10, 1000, 100_000])
def test_interval_of_any_number_of_events_contains_the_estimate(n: int) -> None:
    low, high = rate_interval(1000.0, n, 0.95)
    assert 0 <= low < (1000.0 / n if n else math.inf) <= high
    assert math.isfinite(low)
