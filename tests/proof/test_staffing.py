"""The staffing engine against a desk simulated turn by turn, in and beyond the regimes that it models.

In its regime (exponential work and silences, chats kept, least loaded agent first) Erlang Chat with the
handle times of the reply model is within 1 point of the accepted-in-time share and within 1.5 points of the
replies in time. Outside of it the errors below are what a planner must expect.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.proof.staffing_turns import Simulation, Tally, TurnDesk

from staffcast.core.service_level import ServiceLevelConvention
from staffcast.staffing import ParkedThreads, QueuePerformance, ReplyModel, performance, sticky_performance

THRESHOLD_S, REPLY_WITHIN_S = 30.0, 60.0
N_CHATS = 150_000
BASE = TurnDesk(120, 9, 3, n_chats=N_CHATS)
PARKED = replace(BASE, agents=10, park_after_s=300, long_share=0.08, long_think_s=3600)


def both(desk: TurnDesk) -> tuple[Tally, QueuePerformance]:
    replies = ReplyModel(work_s=desk.work_s, think_s=desk.think_s, turns=desk.turns, wrap_up_s=desk.wrap_up_s)
    threads = ParkedThreads(
        replies=replies,
        park_after_s=desk.park_after_s,
        long_share=desk.long_share,
        long_think_s=desk.long_think_s,
    )
    queue = threads.queue(desk.arrivals_per_hour, concurrency_limit=desk.limit, patience_s=desk.patience_s)
    predicted = performance(queue, desk.agents, threshold_s=THRESHOLD_S, reply_within_s=REPLY_WITHIN_S)
    return Simulation(desk, THRESHOLD_S, REPLY_WITHIN_S).run(), predicted


def points(seen: Tally, predicted: QueuePerformance) -> tuple[float, float]:
    """By how many points the model is too high: accepted in time, replies in time."""
    level = float(predicted.service_level(ServiceLevelConvention.SERVED_OF_ALL))
    return 100 * (level - seen.service_level), 100 * (
        float(predicted.replies_within_share or 0.0) - seen.reply_share
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "desk",
    [
        BASE,
        replace(BASE, agents=8, limit=5),
        replace(BASE, agents=12, limit=2),
        replace(BASE, agents=13, limit=6),
        replace(BASE, agents=10, wrap_up_s=20),
        replace(BASE, agents=12, limit=2, wrap_up_s=60),
        replace(BASE, agents=12, limit=4, wrap_up_s=120),
        replace(BASE, arrivals_per_hour=300, agents=21),
        replace(BASE, arrivals_per_hour=60, agents=5, limit=4, work_s=30, think_s=90, turns=4),
    ],
    ids=lambda desk: f"{desk.agents}x{desk.limit}_{desk.wrap_up_s:g}",
)
def test_in_its_regime(desk: TurnDesk) -> None:
    seen, predicted = both(desk)
    accepted, replied = points(seen, predicted)
    print(f"accepted {accepted:+.2f}, replies {replied:+.2f} points")
    assert abs(accepted) <= 1.0
    assert abs(replied) <= 1.5
    assert predicted.abandon_share == pytest.approx(
        seen.abandon_share, abs=0.01 if desk.wrap_up_s > desk.work_s else 0.006
    )
    assert predicted.realised_handle_s == pytest.approx(seen.mean_handle_s, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("desk", "accepted_off", "replies_off"),
    [
        (replace(BASE, work_cv=0.3), (-8, -4), (3, 6)),
        (replace(BASE, work_cv=0.7), (-4, -1), (0.5, 3)),
        (replace(BASE, work_cv=1.5), (0, 4), (-8, -4.5)),
        (replace(BASE, pull=True), (-5, -1), (-1, 2)),
        (PARKED, (-1.5, 1.5), (-1, 2)),
    ],
    ids=["even_work", "lognormal_0.7", "uneven_work", "pull", "parked_pooled"],
)
def test_how_far_off_it_is_outside(
    desk: TurnDesk, accepted_off: tuple[float, float], replies_off: tuple[float, float]
) -> None:
    accepted, replied = points(*both(desk))
    print(f"accepted {accepted:+.2f}, replies {replied:+.2f} points")
    assert accepted_off[0] <= accepted <= accepted_off[1]
    assert replies_off[0] <= replied <= replies_off[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("desk", "accepted_off", "replies_off"),
    [
        (PARKED, 1.0, 1.5),
        (replace(PARKED, agents=9), 2.0, 1.5),
        (replace(PARKED, limit=2, agents=12), 1.5, 1.0),
        (replace(PARKED, limit=5, agents=9), 1.0, 2.5),
        (replace(PARKED, long_share=0.2, agents=11), 1.5, 1.5),
        (replace(PARKED, long_share=0.4, agents=11), 2.5, 1.5),
        (replace(PARKED, arrivals_per_hour=300, agents=22), 1.5, 1.0),
        (replace(PARKED, arrivals_per_hour=40, agents=5), 1.0, 3.0),
        (replace(PARKED, wrap_up_s=40), 2.0, 1.5),
    ],
    ids=lambda desk: f"{desk.agents}x{desk.limit}_{desk.long_share:g}" if isinstance(desk, TurnDesk) else "",
)
def test_threads_that_go_back_to_their_own_agent(
    desk: TurnDesk, accepted_off: float, replies_off: float
) -> None:
    replies = ReplyModel(work_s=desk.work_s, think_s=desk.think_s, turns=desk.turns, wrap_up_s=desk.wrap_up_s)
    threads = ParkedThreads(
        replies=replies,
        park_after_s=desk.park_after_s,
        long_share=desk.long_share,
        long_think_s=desk.long_think_s,
    )
    seen = Simulation(replace(desk, sticky=True), THRESHOLD_S, REPLY_WITHIN_S).run()
    predicted = sticky_performance(
        threads,
        desk.arrivals_per_hour,
        desk.agents,
        concurrency_limit=desk.limit,
        patience_s=desk.patience_s,
        threshold_s=THRESHOLD_S,
        reply_within_s=REPLY_WITHIN_S,
    )
    accepted = 100 * (predicted.service_level(ServiceLevelConvention.SERVED_OF_ALL) - seen.service_level)
    replied = 100 * (float(predicted.replies_within_share or 0.0) - seen.reply_share)
    print(f"accepted {accepted:+.2f}, replies {replied:+.2f} points")
    assert abs(accepted) <= accepted_off
    assert abs(replied) <= replies_off
    assert predicted.abandon_share == pytest.approx(seen.abandon_share, abs=0.008)


def test_the_simulation_keeps_its_books() -> None:
    desk = replace(BASE, n_chats=3000)
    seen, _ = both(desk)
    assert seen.served + seen.abandoned == 3000 - 3000 // 15
    assert seen.closed == seen.served
    assert seen.replies == 6 * seen.served
