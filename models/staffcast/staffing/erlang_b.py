"""Erlang B: the share of chats refused by a desk that has no queue, for any real number of agents.

Also the base of the queues with waiting: Erlang C and A start from its odds. Everything is kept as
a logarithm, so that 100,000 erlangs and odds of 1e-300 are as exact as everyday ones.

Source: B = (a^N e^-a / Gamma(N+1)) / Q(N+1, a), Q the upper incomplete gamma function; Jagerman,
"Some properties of the Erlang loss function", 1974. The logarithm of the numerator follows Loader,
"Fast and accurate computation of binomial probabilities", 2000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincc, gammaln

from staffcast.core.errors import ModelError
from staffcast.staffing.inputs import as_rows, shaped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.staffing.inputs import Array, FloatOrArray

__all__ = ["blocked_share", "log_blocked_share", "log_full_odds"]

_RAREST_LOAD, _MOST_LOAD = 1e-290, 1e12
_STIRLING_FROM = 16.0
_STIRLING_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
_FRACTION_DEPTH = 10


def blocked_share(arrivals_per_hour: ArrayLike, handle_s: ArrayLike, agents: ArrayLike) -> FloatOrArray:
    """Share of chats that find every agent busy and leave at once (Erlang B).

    Args:
        arrivals_per_hour: chats an hour, any shape.
        handle_s: mean handle time in seconds.
        agents: agents, or slots; may be a fraction.

    Returns:
        Shares of the broadcast shape, a float for scalars.

    Raises:
        ModelError: an argument is negative or not a number.

    Source:
        B = (a^N / Gamma(N + 1)) / (e^a Q(N + 1, a)), a the load, Q the upper incomplete gamma function; for
        whole N it is (a^N / N!) / (sum of a^n / n! up to N). Jagerman, "Some properties of the Erlang loss
        function", 1974.

    Example:
        >>> round(blocked_share(arrivals_per_hour=120, handle_s=300, agents=18), 4)
        0.0071
    """
    shape, (arrivals, handle, n) = as_rows(
        arrivals_per_hour=arrivals_per_hour, handle_s=handle_s, agents=agents
    )
    with np.errstate(over="ignore"):
        load = arrivals * handle / 3600
    if load.max(initial=0) > _MOST_LOAD:
        raise ModelError(f"a load of {load.max():g} erlangs", hint="check the rates and handle times")
    blocked = np.where(n == 0, 1.0, 0.0)
    busy = load > _RAREST_LOAD
    blocked[busy] = np.exp(log_blocked_share(load[busy], n[busy]))
    return shaped(blocked, shape)


def log_blocked_share(load_erlangs: Array, agents: Array) -> Array:
    """Logarithm of the Erlang B share; loads above 0, real agents of at least 0."""
    far = load_erlangs > agents + 20 * np.sqrt(agents + 1) + 20
    if not far.any():  # the usual case, without copies
        log_full: Array = np.log(gammaincc(agents + 1, load_erlangs))
        return np.minimum(_log_poisson(load_erlangs, agents) - log_full, 0)
    log_share = np.empty_like(load_erlangs)
    log_share[far] = np.minimum(np.log(_overload_fraction(load_erlangs[far], agents[far])), 0)
    log_share[~far] = log_blocked_share(load_erlangs[~far], agents[~far])
    return log_share


def log_full_odds(load_erlangs: Array, agents: Array) -> Array:
    """Logarithm of B / (1 - B), the odds of all agents busy against some agent free.

    From one agent on, the recursion B(N) / (1 - B(N)) = a B(N-1) / N avoids 1 - B, which loses every digit in
    an overload.
    """
    whole = agents >= 1
    log_odds = np.empty_like(load_erlangs)
    load, n = load_erlangs[whole], agents[whole]
    log_odds[whole] = np.log(load) - np.log(n) + log_blocked_share(load, n - 1)
    log_share = log_blocked_share(load_erlangs[~whole], agents[~whole])
    log_odds[~whole] = log_share - np.log(-np.expm1(log_share))
    return log_odds


def _log_poisson(mean: Array, n: Array) -> Array:
    """Logarithm of mean^n e^-mean / Gamma(n+1), by the deviance where n is large."""
    large = np.maximum(n, _STIRLING_FROM)
    gap = (mean - large) / large
    log_ratio = np.log1p(np.maximum(gap, -0.5))
    far_below = np.flatnonzero(gap <= -0.5)
    log_ratio[far_below] = np.log(mean[far_below] / large[far_below])
    stirling_error: Array = np.polynomial.polynomial.polyval(large**-2, _STIRLING_SERIES) / large
    log_share: Array = -large * (gap - log_ratio) - stirling_error - 0.5 * np.log(2 * np.pi * large)
    small = np.flatnonzero(n < _STIRLING_FROM)
    log_share[small] = n[small] * np.log(mean[small]) - mean[small] - gammaln(n[small] + 1)
    return log_share


def _overload_fraction(load: Array, agents: Array) -> Array:
    """Erlang B far above capacity, where Q underflows: Legendre's continued fraction of Gamma(N+1, a)."""
    tail = np.zeros_like(load)
    for depth in range(_FRACTION_DEPTH, 0, -1):
        tail = depth * (agents + 1 - depth) / (load + 2 * depth - agents + tail)
    return (load - agents + tail) / load
