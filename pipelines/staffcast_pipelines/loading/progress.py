"""How far a load is: what is told to whoever draws a progress bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Progress", "Stage", "silent"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A moment of a long step.

    Attributes:
        name: What is worked on: a file, or a step of the build.
        number: Its number from 0.
        total: How many there are.
        n_rows: Rows of it that are done.
        done_share: How much of it is done, from 0 to 1.
    """

    name: str
    number: int
    total: int
    n_rows: int = 0
    done_share: float = 0.0


Progress = Callable[[Stage], None]


def silent(_: Stage) -> None:
    """Tell nobody."""
