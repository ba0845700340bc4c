"""What if: dated factors on paths of contacts. The base stays as it is; a scenario is a new set of paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ForecastError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from staffcast.forecasting.series import FloatArray

__all__ = ["Factor", "deflection", "with_factors"]


@dataclass(frozen=True)
class Factor:
    """A change of the contacts, or of the handle time, between two instants.

    Attributes:
        name: what it is, such as ``campaign``.
        from_us: first instant, in UTC microseconds.
        until_us: the instant after the last.
        factor: mean factor, such as 1.2 for a fifth more.
        sd: how uncertain the factor is, as a standard deviation of it.

    Example:
        >>> Factor("campaign", 0, 10, 1.2).factor
        1.2
    """

    name: str
    from_us: int
    until_us: int
    factor: float
    sd: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.factor) and self.factor >= 0 and np.isfinite(self.sd) and self.sd >= 0):
            raise ForecastError(
                f"'{self.name}': {self.factor} +- {self.sd} is no factor", hint="1.2 is a fifth more"
            )
        if self.until_us <= self.from_us:
            raise ForecastError(f"'{self.name}' ends before it starts", hint="swap its times")


def deflection(
    name: str, from_us: int, until_us: int, *, share: float, effective_share: float, sd: float = 0.0
) -> Factor:
    """A bot or help page that is shown to some customers and keeps some of them from asking.

    Args:
        name: what it is.
        from_us: first instant.
        until_us: the instant after the last.
        share: of the contacts that meet it.
        effective_share: of those, the ones that it answers for good; the others are handed over.
        sd: uncertainty of the factor that is left.

    Example:
        >>> round(deflection("bot", 0, 1, share=0.5, effective_share=0.3).factor, 2)
        0.85
    """
    if not (0 <= share <= 1 and 0 <= effective_share <= 1):
        raise ForecastError(f"'{name}': shares must be between 0 and 1, not {share} and {effective_share}")
    return Factor(name, from_us, until_us, 1 - share * effective_share, sd)


def with_factors(
    paths: FloatArray, instants_us: NDArray[np.int64], factors: Sequence[Factor], rng: np.random.Generator
) -> FloatArray:
    """Paths under a scenario.

    Counts are thinned or added to at random, so that they stay whole and keep their own scatter; an uncertain
    factor is drawn once for each path (a gamma variate).

    Args:
        paths: counts, shape (paths, intervals).
        instants_us: start of each interval.
        factors: several at one instant multiply.
        rng: of the draws.

    Returns:
        New paths of the same shape.

    Example:
        >>> base = np.full((1, 2), 100.0)
        >>> with_factors(base, np.array([0, 10]), [Factor("closed", 0, 10, 0.0)], np.random.default_rng(0))
        array([[  0., 100.]])
    """
    total = np.ones_like(paths)
    for factor in factors:
        on = (instants_us >= factor.from_us) & (instants_us < factor.until_us)
        drawn = np.full(len(paths), factor.factor)
        if factor.sd > 0 and factor.factor > 0:
            size = (factor.factor / factor.sd) ** 2
            drawn *= rng.standard_gamma(size, len(paths)) / size
        total *= np.where(on[None, :], drawn[:, None], 1.0)
    kept = rng.binomial(np.rint(paths).astype(np.int64), np.minimum(total, 1.0))
    added = rng.poisson(paths * np.maximum(total - 1.0, 0.0))
    return np.asarray(kept + added, dtype=np.float64)
