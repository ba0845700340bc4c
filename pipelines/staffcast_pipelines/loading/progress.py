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
        n_expected: About how many rows it has, 0 if that is unknown.
    """

    name: str
    number: int
    total: int
    n_rows: int = 0
    n_expected: int = 0


Progress = Callable[[Stage], None]


def silent(_: Stage) -> None:
    """Tell nobody."""
