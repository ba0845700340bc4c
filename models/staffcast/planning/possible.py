"""Agents for demand as it may come: a plan's lower and upper ends from paths of contacts and handle times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from staffcast.core.errors import ModelError
from staffcast.staffing import required_agents

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from staffcast.planning.handle_paths import HandleFactors
    from staffcast.staffing import ChatQueue, Target

__all__ = ["Possible"]

_HANDLE_STEP = 0.04
"""Handle times are looked at in steps of 4 %: each step is solved once for every number of contacts."""


@dataclass(frozen=True, eq=False)
class Possible:
    """Demand of one queue as it may come.

    Attributes:
        contacts: in each interval, shape (paths, intervals).
        handle: factors on the handle time, of the same shape; None where it is taken as known.
        share: of the paths between the two ends.
    """

    contacts: NDArray[np.float64]
    share: float
    handle: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls, given: ArrayLike | None, factor: float, share: float, handle: HandleFactors | None = None
    ) -> Possible | None:
        """Paths times a factor, with those of handle times in turn; None where there are none."""
        if given is None:
            return None
        contacts = factor * np.asarray(given, dtype=np.float64)
        if handle is None or not len(contacts):
            return cls(contacts, share)
        return cls(contacts, share, handle.paths[np.arange(len(contacts)) % len(handle.paths)])

    def agents(
        self, queue: str, demand: ChatQueue, wanted: Target, open_h: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Lower and upper quantile of the agents that the paths require, whole people.

        Args:
            queue: its name, for errors.
            demand: handle times and patience; its arrivals are replaced.
            wanted: the target.
            open_h: open hours of each interval.

        Returns:
            Shape (2, intervals), at least 1.

        Raises:
            ModelError: the paths do not fit the intervals.
        """
        shapes = [self.contacts.shape] if self.handle is None else [self.contacts.shape, self.handle.shape]
        for shape in shapes:
            if len(shape) != 2 or shape[1] != open_h.size or not shape[0]:
                raise ModelError(
                    f"paths of queue '{queue}': shape {shape}", hint=f"give paths by {open_h.size} intervals"
                )
        ends = np.array([1 - self.share, 1 + self.share]) / 2
        found = np.quantile(self._required(demand, wanted, open_h), ends, axis=0, method="inverted_cdf")
        return np.asarray(np.maximum(found, 1), dtype=np.int64)

    def _required(self, demand: ChatQueue, wanted: Target, open_h: NDArray[np.float64]) -> NDArray[np.int64]:
        """Counts repeat: what is solved are the few different ones at each step of the handle time."""
        pairs = np.zeros((2, self.contacts.size))
        pairs[0] = (self.contacts / open_h).ravel()
        if self.handle is not None:
            pairs[1] = np.rint(np.log(self.handle.ravel()) / _HANDLE_STEP)
        (per_hour, steps), where = np.unique(pairs, axis=1, return_inverse=True)
        handle_s = np.exp(_HANDLE_STEP * steps)[:, None] * np.asarray(demand.handle_s_by_level)
        rows = replace(demand, arrivals_per_hour=per_hour, handle_s_by_level=handle_s)
        agents = np.asarray(required_agents(rows, wanted), dtype=np.int64)
        return agents[where].reshape(self.contacts.shape)
