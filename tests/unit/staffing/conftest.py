"""An independent solution of the same queue: a truncated birth-death chain, state by state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from scipy.special import betainc, gammaincc

from staffcast.core.service_level import ServiceLevelConvention

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Desk:
    arrivals_per_hour: float
    handle_s_by_level: Sequence[float]
    patience_s: float
    agents: int

    @property
    def arrival_rate(self) -> float:
        return self.arrivals_per_hour / 3600

    @property
    def n_slots(self) -> int:
        return self.agents * len(self.handle_s_by_level)

    @property
    def leave_rate(self) -> float:
        return 1 / self.patience_s

    def close_rate(self, n: int) -> float:
        """Rate out of n open chats, spread over the agents as evenly as they go."""
        level, at_next = divmod(min(n, self.n_slots), self.agents)
        levels = [(self.agents - at_next, level), (at_next, level + 1)]
        return sum(people * k / self.handle_s_by_level[k - 1] for people, k in levels if people and k)

    @property
    def full_rate(self) -> float:
        return self.close_rate(self.n_slots)

    def distribution(self) -> list[float]:
        log_weights, log_weight, queue_top, n = [0.0], 0.0, -math.inf, 0
        while True:
            n += 1
            out = self.close_rate(n) + max(n - self.n_slots, 0) * self.leave_rate
            log_weight += math.log(self.arrival_rate / out)
            log_weights.append(log_weight)
            if n < self.n_slots:
                continue
            queue_top = max(queue_top, log_weight)
            if out > self.arrival_rate and log_weight < queue_top - 45:
                break
        top = max(log_weights)
        weights = [math.exp(value - top) for value in log_weights]
        total = math.fsum(weights)
        return [weight / total for weight in weights]

    def still_waiting(self, ahead: int, time_s: float) -> float:
        """Virtual wait beyond a time with so many customers ahead in the queue."""
        if math.isinf(self.patience_s):
            return float(gammaincc(ahead + 1, self.full_rate * time_s))
        x = self.full_rate * self.patience_s
        return float(betainc(x, ahead + 1, math.exp(-time_s / self.patience_s)))

    def served_after(self, ahead: int, time_s: float) -> float:
        if math.isinf(self.patience_s):
            return self.still_waiting(ahead, time_s)
        x = self.full_rate * self.patience_s
        return x / (x + ahead + 1) * float(betainc(x + 1, ahead + 1, math.exp(-time_s / self.patience_s)))

    def virtual_wait(self, ahead: int) -> float:
        return math.fsum(1 / (self.full_rate + i * self.leave_rate) for i in range(ahead + 1))


def _solve(desk: Desk, threshold_s: float, short_s: float) -> dict[str, float]:
    shares = desk.distribution()
    slots = desk.n_slots
    queue = [(n - slots, share) for n, share in enumerate(shares) if n >= slots]

    def mean(function: Callable[[int], float]) -> float:
        return math.fsum(share * function(ahead) for ahead, share in queue)

    free = math.fsum(shares[:slots])
    served = free + mean(lambda ahead: desk.served_after(ahead, 0))
    late = mean(lambda ahead: desk.still_waiting(ahead, threshold_s))
    in_time = served - mean(lambda ahead: desk.served_after(ahead, threshold_s))

    def present(time_s: float) -> float:
        return math.exp(-time_s * desk.leave_rate) * mean(lambda ahead: desk.still_waiting(ahead, time_s))

    short_abandons = (
        1 - served - present(short_s) + mean(lambda ahead: desk.served_after(ahead, short_s))
        if short_s and desk.leave_rate
        else 0.0
    )
    n_open = math.fsum(share * min(n, slots) for n, share in enumerate(shares))
    n_busy = math.fsum(share * min(n, desk.agents) for n, share in enumerate(shares))
    return {
        "wait_share": mean(lambda _: 1.0),
        "asa_s": mean(desk.virtual_wait),
        "mean_wait_s": mean(lambda ahead: float(ahead)) / desk.arrival_rate,  # Little's law
        "abandon_share": mean(lambda ahead: 1 - desk.served_after(ahead, 0)),
        "agent_occupancy_share": n_busy / desk.agents,
        "slot_occupancy_share": n_open / slots,
        "open_concurrency": n_open / n_busy,
        "realised_handle_s": n_open / (desk.arrival_rate * served),
        ServiceLevelConvention.VIRTUAL: 1 - late,
        ServiceLevelConvention.SERVED_OF_ALL: in_time,
        ServiceLevelConvention.SERVED_OF_SERVED: in_time / served,
        ServiceLevelConvention.WAIT_WITHIN: 1 - present(threshold_s),
        ServiceLevelConvention.EXCLUDING_SHORT_ABANDONS: in_time / (1 - short_abandons),
    }


@pytest.fixture(scope="session")
def solve_chain() -> Callable[..., dict[str, float]]:
    """All figures of a desk by summing its chain."""

    def solve(
        arrivals_per_hour: float,
        handle_s_by_level: Sequence[float],
        patience_s: float,
        agents: int,
        *,
        threshold_s: float,
        short_s: float = 0.0,
    ) -> dict[str, float]:
        return _solve(Desk(arrivals_per_hour, handle_s_by_level, patience_s, agents), threshold_s, short_s)

    return solve


@pytest.fixture(scope="session")
def desk_type() -> type[Desk]:
    return Desk
