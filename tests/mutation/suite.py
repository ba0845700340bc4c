"""What a run of mutants is: a fixed sample, each put in force and judged, and a summary."""

from __future__ import annotations

import contextlib
import io
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.mutation.mutants import Mutant

__all__ = ["Outcome", "judge_all", "sampled", "unit_tests_fail"]

TIMEOUT_S = 180


class TooLongError(Exception):
    """A mutant that does not come to an end."""


@dataclass
class Outcome:
    """What became of the mutants of one suite."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    survivors: list[Mutant] = field(default_factory=list)

    @property
    def killed(self) -> int:
        return sum(number for verdict, number in self.counts.items() if verdict.startswith("killed"))

    @property
    def share(self) -> float:
        judged = self.killed + len(self.survivors)
        return self.killed / judged if judged else 1.0

    def __str__(self) -> str:
        told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(self.counts.items()))
        return f"{self.name}: {self.share:.1%} killed ({told})"


def sampled(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """A sample in the order of the whole, the same for the same seed."""
    if size >= len(mutants):
        return list(mutants)
    chosen = random.Random(seed).sample(range(len(mutants)), size)  # noqa: S311 - which mutants, no secret
    return [mutants[number] for number in sorted(chosen)]


def judge_all(name: str, mutants: Sequence[Mutant], judge: Callable[[Mutant], str]) -> Outcome:
    """Judge each mutant: ``killed by ...``, ``invalid`` or ``survived``."""
    outcome = Outcome(name)
    for number, mutant in enumerate(mutants):
        if number and number % 10 == 0:
            print(f"  {number} of {len(mutants)}: {outcome}", file=sys.stderr, flush=True)
        with _at_most(TIMEOUT_S):
            verdict = _verdict(mutant, judge)
        outcome.counts[verdict] += 1
        if verdict == "survived":
            outcome.survivors.append(mutant)
            print(f"  survived {mutant}", file=sys.stderr, flush=True)
    return outcome


def _verdict(mutant: Mutant, judge: Callable[[Mutant], str]) -> str:
    try:
        return judge(mutant)
    except TooLongError:
        return "killed by time"


def unit_tests_fail(paths: Sequence[str]) -> bool:
    """Whether one of the tests in these files fails, in this process and with what is in force."""
    arguments = ["-x", "-q", "-n", "0", "-m", "not slow", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    arguments += ["-p", "no:randomly", "-p", "no:cacheprovider"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return bool(paths) and pytest.main([*arguments, *paths]) != pytest.ExitCode.OK


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
