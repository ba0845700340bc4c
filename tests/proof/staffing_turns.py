"""A chat desk turn by turn, event by event: independent of every formula of the engine.

Customers wait first come first served (or in random order where agents pull), the least loaded agent takes
the next one, an agent answers one message after the other in the order they came, and wraps up at once.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TurnDesk:
    arrivals_per_hour: float
    agents: int
    limit: int
    work_s: float = 40.0
    think_s: float = 60.0
    turns: int = 6
    wrap_up_s: float = 0.0
    patience_s: float = 180.0
    work_cv: float = 1.0
    pull: bool = False
    park_after_s: float = math.inf
    long_share: float = 0.0
    long_think_s: float = 0.0
    sticky: bool = False
    n_chats: int = 60_000
    seed: int = 20260801


@dataclass
class Tally:
    """What was seen after the warm-up."""

    served: int = 0
    in_time: int = 0
    abandoned: int = 0
    replies: int = 0
    quick_replies: int = 0
    handle_s: float = 0.0
    closed: int = 0

    @property
    def service_level(self) -> float:
        return self.in_time / (self.served + self.abandoned)

    @property
    def abandon_share(self) -> float:
        return self.abandoned / (self.served + self.abandoned)

    @property
    def reply_share(self) -> float:
        return self.quick_replies / self.replies

    @property
    def mean_handle_s(self) -> float:
        return self.handle_s / self.closed


@dataclass
class _Thread:
    number: int
    asked_at: float
    agent: int = -1
    accepted_at: float = math.nan
    turn: int = 0
    gone: bool = False


@dataclass
class Simulation:
    desk: TurnDesk
    threshold_s: float
    reply_within_s: float
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        desk = self.desk
        self.rng = random.Random(desk.seed)  # noqa: S311 - a simulation, not a secret
        self.events: list[tuple[float, int, str, _Thread]] = []
        self.n_events = 0
        self.open = [0] * desk.agents
        self.inbox: list[deque[tuple[_Thread, float]]] = [deque() for _ in range(desk.agents)]
        self.busy = [False] * desk.agents
        self.queue: deque[_Thread] = deque()
        self.warm_up = desk.n_chats // 15

    def run(self) -> Tally:
        gap = 3600 / self.desk.arrivals_per_hour
        clock = 0.0
        for number in range(self.desk.n_chats):
            clock += self.rng.expovariate(1 / gap)
            self.at(clock, "arrive", _Thread(number, clock))
            self.advance(clock)
        self.advance(math.inf)
        return self.tally

    def advance(self, until: float) -> None:
        while self.events and self.events[0][0] <= until:
            now, _, what, thread = heapq.heappop(self.events)
            if what == "give_up":
                self.give_up(thread)
            else:
                getattr(self, what)(now, thread)

    def at(self, when: float, what: str, thread: _Thread) -> None:
        self.n_events += 1
        heapq.heappush(self.events, (when, self.n_events, what, thread))

    def counts(self, thread: _Thread) -> bool:
        return thread.number >= self.warm_up

    def arrive(self, now: float, thread: _Thread) -> None:
        self.ask(now, thread)

    def ask(self, now: float, thread: _Thread) -> None:
        thread.asked_at, thread.agent = now, -1
        self.queue.append(thread)
        if self.desk.patience_s < math.inf:
            self.at(now + self.rng.expovariate(1 / self.desk.patience_s), "give_up", thread)
        self.assign(now)

    def give_up(self, thread: _Thread) -> None:
        if thread.agent < 0 and not thread.gone and thread in self.queue:
            thread.gone = True
            self.queue.remove(thread)
            self.tally.abandoned += self.counts(thread)

    def assign(self, now: float) -> None:
        while self.queue and min(self.open) < self.desk.limit:
            least = min(self.open)
            agent = self.rng.choice([i for i, held in enumerate(self.open) if held == least])
            position = self.rng.randrange(len(self.queue)) if self.desk.pull else 0
            thread = self.queue[position]
            del self.queue[position]
            if self.counts(thread):
                self.tally.served += 1
                self.tally.in_time += now - thread.asked_at <= self.threshold_s
            self.take(now, agent, thread)

    def take(self, now: float, agent: int, thread: _Thread) -> None:
        thread.agent = agent
        self.open[agent] += 1
        if math.isnan(thread.accepted_at):
            thread.accepted_at = now
        self.inbox[agent].append((thread, now))
        self.work(now, agent)

    def work(self, now: float, agent: int) -> None:
        if not self.busy[agent] and self.inbox[agent]:
            thread, since = self.inbox[agent].popleft()
            self.busy[agent] = True
            took = self.work_time()
            if self.counts(thread):
                self.tally.replies += 1
                self.tally.quick_replies += now + took - since <= self.reply_within_s
            self.at(now + took, "replied", thread)

    def work_time(self) -> float:
        mean, cv = self.desk.work_s, self.desk.work_cv
        if cv == 1:
            return self.rng.expovariate(1 / mean)
        spread = math.log1p(cv * cv)
        return self.rng.lognormvariate(math.log(mean) - spread / 2, math.sqrt(spread))

    def replied(self, now: float, thread: _Thread) -> None:
        thread.turn += 1
        if thread.turn == self.desk.turns:
            wrap_up = self.desk.wrap_up_s and self.rng.expovariate(1 / self.desk.wrap_up_s)
            self.at(now + wrap_up, "close", thread)
            return
        self.busy[thread.agent] = False
        self.work(now, thread.agent)
        slow = self.rng.random() < self.desk.long_share
        silence = self.rng.expovariate(1 / (self.desk.long_think_s if slow else self.desk.think_s))
        if silence > self.desk.park_after_s:
            self.at(now + self.desk.park_after_s, "park", thread)
            self.at(now + silence, "come_back", thread)
        else:
            self.at(now + silence, "message", thread)

    def message(self, now: float, thread: _Thread) -> None:
        self.inbox[thread.agent].append((thread, now))
        self.work(now, thread.agent)

    def park(self, now: float, thread: _Thread) -> None:
        self.open[thread.agent] -= 1
        self.assign(now)

    def come_back(self, now: float, thread: _Thread) -> None:
        if self.desk.sticky:
            self.take(now, thread.agent, thread)
        else:
            self.ask(now, thread)

    def close(self, now: float, thread: _Thread) -> None:
        agent = thread.agent
        self.open[agent] -= 1
        self.busy[agent] = False
        if self.counts(thread):
            self.tally.handle_s += now - thread.accepted_at
            self.tally.closed += 1
        self.work(now, agent)
        self.assign(now)
