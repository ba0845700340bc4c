"""Progress bars on stderr, in a terminal only: what is worked on, rows, rate and remaining time."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from staffcast_pipelines.loading.progress import Stage

__all__ = ["build_bar", "load_bar", "step_bar"]


@contextmanager
def load_bar() -> Iterator[Callable[[Stage], None]]:
    """A bar for loading files: one line a file, with its rows a second."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows {task.fields[rate]}"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[int, TaskID] = {}

        def tell(stage: Stage) -> None:
            if stage.number not in tasks:
                for task in bar.tasks:
                    bar.update(task.id, visible=False)
                name = f"loading {stage.name} ({stage.number + 1} of {stage.total})"
                tasks[stage.number] = bar.add_task(name, total=None, rate="")
            task_id = tasks[stage.number]
            speed = next(task.speed for task in bar.tasks if task.id == task_id)
            rate = f"{speed:,.0f}/s" if speed else ""
            bar.update(task_id, completed=stage.n_rows, total=stage.n_expected or None, rate=rate)

        yield tell


@contextmanager
def step_bar(step: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for one step with a known number of parts."""
    with build_bar(verb="") as tell:
        yield lambda done, total: tell(step, done, total)


@contextmanager
def build_bar(*, verb: str = "building ") -> Iterator[Callable[[str, int, int], None]]:
    """A bar for one step after the other, by default of building facts."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn(verb + "{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("facts", total=None)

        def tell(name: str, number: int, total: int) -> None:
            bar.update(task, description=name, completed=number, total=total)

        yield tell
