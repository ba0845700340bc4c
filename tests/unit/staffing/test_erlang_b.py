from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from staffcast.core.errors import ModelError
from staffcast.staffing import blocked_share


def by_recursion(load: float, agents: int) -> float:
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


@pytest.mark.parametrize("load", [1e-9, 0.3, 1, 10, 57.5, 1000, 20_000])
@pytest.mark.parametrize("ratio", [0, 0.01, 0.3, 0.8, 0.95, 1, 1.1, 1.4])
def test_equals_the_recursion(load: float, ratio: float) -> None:
    agents = math.ceil(load * ratio)
    assert blocked_share(load, 3600, agents) == pytest.approx(by_recursion(load, agents), rel=1e-11)


@pytest.mark.parametrize(("load", "agents"), [(0.5, 0.25), (3, 4.5), (10, 12.3), (10, 2.5), (80, 60.75)])
def test_a_real_number_of_agents_follows_jagermans_integral(load: float, agents: float) -> None:
    inverse, _ = quad(
        lambda t: math.exp(agents * math.log1p(t / load) - t), 0, np.inf, epsabs=0, epsrel=1e-12
    )
    assert blocked_share(load, 3600, agents) == pytest.approx(1 / inverse, rel=1e-10)


@pytest.mark.parametrize(("load", "lines"), [(10, 18), (100, 117)])
def test_published_lines_at_one_percent_loss(load: float, lines: int) -> None:
    assert blocked_share(load, 3600, lines) <= 0.01 < blocked_share(load, 3600, lines - 1)


def test_nothing_to_do_and_nobody_there() -> None:
    assert blocked_share([0, 0, 5], 300, [0, 3, 0]) == pytest.approx([1, 0, 1], rel=1e-15)


def test_a_hundred_thousand_erlangs_keep_their_digits() -> None:
    assert blocked_share(1e5, 3600, 100_500) == pytest.approx(by_recursion(1e5, 100_500), rel=1e-11)


def test_stays_a_share_far_from_balance() -> None:
    blocked = blocked_share(1e5, 3600, [0, 1, 5, 1e4, 2e5, 1e7])
    assert np.all((blocked >= 0) & (blocked <= 1))
    assert blocked[1] == pytest.approx(1e5 / (1 + 1e5), rel=1e-14)


@pytest.mark.parametrize("agents", [0, 1, 2, 10, 200, 5000])
@pytest.mark.parametrize("overload", [1, 1.3, 3])
def test_a_heavy_overload_keeps_its_digits(agents: int, overload: float) -> None:
    load = overload * (agents + 20 * math.sqrt(agents + 1) + 20.5)
    assert blocked_share(load, 3600, agents) == pytest.approx(by_recursion(load, agents), rel=2e-14)


def test_rounding_never_makes_a_share_above_one() -> None:
    assert np.max(blocked_share(np.linspace(0.01, 30, 2000), 3600, 0)) <= 1


def test_continuous_where_the_method_changes() -> None:
    """The incomplete gamma function hands over to a continued fraction in a heavy overload."""
    load = 500.0
    agents = np.linspace(0, 200, 2001)
    first = np.diff(blocked_share(load, 3600, agents))
    assert np.all(first < 0)
    assert np.abs(np.diff(first)).max() < 1e-7


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ModelError, match="handle_s: -1"):
        blocked_share(10, -1, 3)
