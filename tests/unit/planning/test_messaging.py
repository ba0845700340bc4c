"""Threads as observed in the facts, and their plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from staffcast.core.errors import ModelError
from staffcast.planning.messaging import _by_rate, observed_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.planning.conftest import FactReader

S = 1_000_000


def tables(n_threads: int, *, parks: bool) -> dict[str, list[dict[str, Any]]]:
    """Threads of three replies: a silence of 60 s, then one of 4200 s that is parked after 600 s."""
    keys = [f"t{i}" for i in range(n_threads)]
    asked_s, replied_s = (0, 130, 4400), (70, 200, 4430)
    thread = {"queue": "q", "mode": "messaging"}
    return {
        "fact_conversation": [
            *(thread | {"conversation_key": key, "is_offered": True, "is_ended": True} for key in keys),
            *(
                {"queue": "q", "mode": "live", "conversation_key": f"c{key}", "is_offered": True}
                for key in keys
            ),
        ],
        "fact_leg": [
            thread
            | {"leg_key": key, "conversation_key": key, "effort_us": 120 * S}
            | {"wrapup_us": 20 * S, "idle_tail_us": 300 * S}
            for key in keys
        ],
        "fact_turn": [
            thread
            | {"conversation_key": key, "turn_key": f"{key}#{i}", "turn_at_us": asked * S}
            | {"replied_at_us": replied * S, "is_answered": True, "is_after_parking": parks and i == 2}
            for key in keys
            for i, (asked, replied) in enumerate(zip(asked_s, replied_s, strict=True))
        ],
        "fact_open_span": [
            thread | {"conversation_key": key, "from_at_us": 800 * S, "is_parked": True}
            for key in keys
            if parks
        ],
    }


def test_threads_are_fitted_to_their_silences(reader_of: Callable[..., FactReader]) -> None:
    threads = observed_threads(reader_of(**tables(20, parks=True)), ["q"])["q"]  # type: ignore[arg-type]
    model = threads.model
    assert (threads.contacts_share, threads.n_threads, threads.n_silences) == (0.5, 20, 40)
    assert (model.replies.work_s, model.replies.turns, model.replies.wrap_up_s) == (40, 3, 20)
    assert (model.park_after_s, model.tail_s) == (600, 300)
    assert model.park_share == pytest.approx(0.5)
    assert model.held_think_s == pytest.approx((60 + 600) / 2)
    assert model.visits == pytest.approx(2)


def test_another_time_of_parking_is_a_what_if(reader_of: Callable[..., FactReader]) -> None:
    reader = reader_of(**tables(20, parks=True))
    never = observed_threads(reader, ["q"], park_after_s=7200)["q"].model  # type: ignore[arg-type]
    assert never.visits == 1
    assert never.held_think_s == pytest.approx((60 + 4200) / 2)


def test_where_nothing_was_parked_somebody_must_say_when(reader_of: Callable[..., FactReader]) -> None:
    reader = reader_of(**tables(20, parks=False))
    with pytest.raises(ModelError, match="--park-after"):
        observed_threads(reader, ["q"])  # type: ignore[arg-type]
    assert observed_threads(reader, ["q"], park_after_s=600)["q"].model.visits == pytest.approx(2)  # type: ignore[arg-type]


@pytest.mark.parametrize(("n_threads", "queues"), [(14, ["q"]), (20, ["r"]), (0, ["q"])])
def test_few_threads_tell_nothing(
    reader_of: Callable[..., FactReader], n_threads: int, queues: list[str]
) -> None:
    reader = reader_of(**tables(n_threads, parks=True))
    with pytest.raises(ModelError, match="no queue has 30 answers"):
        observed_threads(reader, queues)  # type: ignore[arg-type]


def test_agents_of_many_rates_are_those_of_each() -> None:
    asked: list[float] = []

    def agents_of(rate: float) -> int:
        asked.append(rate)
        return 1 + int(rate // 10)

    rates = np.random.default_rng(2).uniform(0, 60, 500)
    assert _by_rate(rates, agents_of).tolist() == [1 + int(rate // 10) for rate in rates]
    assert len(asked) < 80
    assert _by_rate(np.array([5.0]), agents_of).tolist() == [1]
