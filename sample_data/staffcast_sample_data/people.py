"""Customers and agents: who they are, before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Floats, Ints
    from staffcast_sample_data.parameters import DeskParameters

TIERS = ("standard", "plus", "premium")
PLANS = ("starter", "business", "enterprise")
URGENT_BY_TIER = (0.02, 0.03, 0.06)
HIGH_BY_TIER = (0.05, 0.20, 0.70)
EMPLOYEES_PER_ACCOUNT = 4


@dataclass(frozen=True)
class Customers:
    """The people who may write; the position is the customer's code.

    Attributes:
        language: 0 English, 1 German.
        tier: Position in `TIERS`.
        account: Code of the company, -1 for consumers.
        plan: Position in `PLANS`, per account.
        size: Employees, per account.
        weight: Cumulative activity of the customers of each language, with their codes.
    """

    language: Ints
    tier: Ints
    account: Ints
    plan: Ints
    size: Ints
    weight: tuple[tuple[Ints, Floats], ...]

    def draw(self, rng: np.random.Generator, language: Ints) -> Ints:
        """One customer for each wanted language, active ones more often."""
        chosen = np.empty(len(language), dtype=np.int64)
        draws = rng.random(len(language))
        for code, (members, cumulative) in enumerate(self.weight):
            mine = language == code
            chosen[mine] = members[np.searchsorted(cumulative, draws[mine] * cumulative[-1])]
        return chosen

    def urgent_share(self, customer: Ints) -> Floats:
        """Probability of an urgent conversation; anonymous customers count as standard."""
        return np.array(URGENT_BY_TIER)[np.where(customer >= 0, self.tier[customer], 0)]

    def high_share(self, customer: Ints) -> Floats:
        """Probability of high priority."""
        return np.array(HIGH_BY_TIER)[np.where(customer >= 0, self.tier[customer], 0)]


def make_customers(parameters: DeskParameters, n_expected: float, rng: np.random.Generator) -> Customers:
    """Draw the customers of a desk with so many expected conversations."""
    n = max(40, round(parameters.customers_per_conversation * n_expected))
    language = (rng.random(n) < 0.4).astype(np.int64)
    language[:2] = (0, 1)
    business = rng.random(n) < parameters.business_share
    n_accounts = max(2, int(business.sum()) // EMPLOYEES_PER_ACCOUNT)
    account = np.where(business, rng.integers(0, n_accounts, size=n), -1)
    plan = rng.choice(len(PLANS), size=n_accounts, p=(0.5, 0.35, 0.15))
    size = np.round(np.exp(rng.normal(3.0 + plan, 0.7))).astype(np.int64) + 2
    private_tier = rng.choice(len(TIERS), size=n, p=(0.78, 0.18, 0.04))
    tier = np.where(business, plan[account], private_tier)
    activity = rng.gamma(0.9, 1.0, size=n) + 0.05
    weight = []
    for code in (0, 1):
        members = np.flatnonzero(language == code)
        weight.append((members, np.cumsum(activity[members])))
    return Customers(language, tier, account, plan, size, tuple(weight))


@dataclass(frozen=True)
class Agents:
    """The staff; the position is the agent's code.

    Attributes:
        department: Home department.
        skill: 1 if the agent serves the queue, agent x queue.
        bilingual: Speaks German and English; the others English only.
        limit: Chats at once.
        speed: Factor on every work time (above 1 = slower).
        quality: Added to the probability that an issue is settled.
    """

    department: Ints
    skill: Ints
    bilingual: Ints
    limit: Ints
    speed: Floats
    quality: Floats


def make_agents(parameters: DeskParameters, team_sizes: list[int], rng: np.random.Generator) -> Agents:
    """Draw the agents of teams of the given sizes, one team for each department."""
    n_departments = len(team_sizes)
    department = np.repeat(np.arange(n_departments), team_sizes)
    n = len(department)
    position = np.concatenate([np.arange(size) for size in team_sizes])
    bilingual = (position * parameters.bilingual_share % 1.0 < parameters.bilingual_share).astype(np.int64)
    second = np.where(
        rng.random(n) < parameters.cross_skill_share, (department + rng.integers(1, 3, n)) % 3, -1
    )
    skill = np.zeros((n, len(parameters.queues)), dtype=np.int64)
    for a in range(n):
        for d in {int(department[a]), int(second[a])} - {-1}:
            skill[a, 2 * d] = 1
            skill[a, 2 * d + 1] = bilingual[a]
    limit = np.array(parameters.limits, dtype=np.int64)[np.arange(n) % len(parameters.limits)]
    speed = np.exp(rng.normal(0.0, parameters.speed_sigma, n))
    quality = rng.normal(0.0, parameters.quality_sd, n)
    return Agents(department, skill, bilingual, limit, speed, quality)
