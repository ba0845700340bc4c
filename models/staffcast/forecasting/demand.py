"""Demand behind the counts: customers who gave up and came back were counted more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ForecastError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from staffcast.forecasting.series import FloatArray

__all__ = ["RetryRate", "first_contacts", "retry_rate"]

_PRIOR_ABANDONED = 20.0


@dataclass(frozen=True)
class RetryRate:
    """Share of abandoned contacts that come back.

    Attributes:
        share: posterior mean.
        alpha: of its beta distribution.
        beta: of its beta distribution.
    """

    share: float
    alpha: float
    beta: float

    def draws(self, n_paths: int, rng: np.random.Generator) -> FloatArray:
        """The share as it may be, shape (paths,)."""
        return rng.beta(self.alpha, self.beta, n_paths)


def retry_rate(n_abandoned: float, n_returned: float, *, usual_share: float = 0.3) -> RetryRate:
    """How many of those who gave up were seen again.

    Args:
        n_abandoned: contacts that were abandoned.
        n_returned: those whose customer was back within the window of a retry.
        usual_share: what is believed before any are seen, worth 20 of them.

    Raises:
        ForecastError: more came back than had gone.

    Example:
        >>> retry_rate(80, 44).share
        0.5
    """
    if not 0 <= n_returned <= n_abandoned:
        raise ForecastError(
            f"{n_returned:g} of {n_abandoned:g} abandoned contacts came back", hint="check the counts"
        )
    alpha = n_returned + usual_share * _PRIOR_ABANDONED
    beta = n_abandoned - n_returned + (1 - usual_share) * _PRIOR_ABANDONED
    return RetryRate(alpha / (alpha + beta), alpha, beta)


def first_contacts(offered: ArrayLike, abandoned: ArrayLike, retry_share: ArrayLike) -> FloatArray:
    """Contacts without the retries of those who gave up.

    Args:
        offered: contacts that came, retries included.
        abandoned: those of them that gave up.
        retry_share: share of the abandoned that came back.

    Returns:
        offered - abandoned x retry_share, never below what was served.

    Example:
        >>> float(first_contacts(100, 20, 0.5))
        90.0
    """
    came, left, share = (np.asarray(value, dtype=np.float64) for value in (offered, abandoned, retry_share))
    if np.any(came < 0) or np.any(left < 0) or np.any(left > came) or np.any((share < 0) | (share > 1)):
        raise ForecastError("abandoned contacts must be 0 to all offered ones, and the retry share 0 to 1")
    return np.asarray(came - left * share)
