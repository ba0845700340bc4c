"""Trials: a command, the state that it begins from, and what a clean run makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.crash.places import check_whole, differing

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from tests.crash.places import Child, Children, Ended, Place

KILL, TEAR = -1, -2
"""Die at a change; after half of it."""


@dataclass(frozen=True)
class Change:
    """A change that a command makes on the disk.

    Attributes:
        n: Its number in a clean run, from 1.
        call: The call of the C library.
        file: Name of the file or folder.
    """

    n: int
    call: str
    file: str

    @property
    def is_write(self) -> bool:
        return self.call in ("write", "pwrite")


@dataclass(frozen=True)
class Trial:
    """A command that is to be disturbed.

    Attributes:
        children: Starts it.
        before: The state that it begins from.
        action: Name in ``actions``.
        arguments: Its arguments; ``{place}`` stands for the folder of the place.
        stored: What a clean run stores.
        published: What a clean run publishes.
        seconds: How long a clean run takes.
        after: The place of the clean run.
        changes: What a clean run changes on the disk, empty without a compiler.
    """

    children: Children
    before: Place
    action: str
    arguments: tuple[str, ...]
    stored: dict[str, str] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()
    after: Place | None = None

    def start(self, place: Place, **options: object) -> Child:
        arguments = (text.replace("{place}", str(place.folder)) for text in self.arguments)
        return self.children.start(self.action, *arguments, **options)

    def files(self) -> set[str]:
        """Files in the ledger after a clean run."""
        assert self.after
        return self.after.loaded_files()

    def fault_at(self, place: Place, n: int, outcome: int, *, lasting: bool = False) -> dict[str, object]:
        """The option that disturbs the n-th change of the command."""
        log = str(place.folder.with_suffix(".changes"))
        return {"folder": str(place.folder), "n": n, "outcome": outcome, "log": log, "lasting": lasting}

    def chosen(self, per_file: int, rng: np.random.Generator) -> list[Change]:
        """Of the changes of each kind to each file: the first, the last, and some in between."""
        kinds: dict[tuple[str, str], list[Change]] = {}
        for change in self.changes:
            kinds.setdefault((change.call, change.file), []).append(change)
        found = []
        for group in kinds.values():
            inner = group[1:-1]
            some = rng.permutation(len(inner))[:per_file]
            found += [*group[:1], *(inner[number] for number in some), *group[1:][-1:]]
        return sorted(found, key=lambda change: change.n)

    def clean_run(self, place: Place) -> Trial:
        """This trial with the outcome of a clean run in a place of its own."""
        place = self.before.copy_to(place.folder)
        options = {"fault": self.fault_at(place, 0, 0)} if self.children.has_faults else {}
        ended = self.start(place, **options).wait()
        assert ended.code == 0, ended.err
        assert place.leftovers() == []
        changes = []
        if self.children.has_faults:
            for line in place.folder.with_suffix(".changes").read_text(encoding="utf-8").splitlines():
                n, call, path = line.split(" ", 2)
                changes.append(Change(int(n), call, path.rsplit("/", 1)[-1]))
        return Trial(
            self.children, self.before, self.action, self.arguments,
            place.stored(), place.published(), ended.seconds, tuple(changes), place,
        )  # fmt: skip

    def check_cut_off(self, place: Place, ended: Ended, *, looks_inside: bool) -> None:
        """What must hold right after the command was cut off, whenever that was."""
        before = check_whole(self.before.data_dir)
        assert check_whole(place.data_dir) in (before, before + 1)
        assert place.key() == self.before.key()
        doctor = self.children.run("cli", "doctor", "-f", "csv", "-d", str(place.data_dir))
        assert "Traceback" not in doctor.err + doctor.out
        named = [name for name in place.leftovers() if name in doctor.out]
        assert named == place.leftovers(), doctor.out
        if looks_inside:
            assert acknowledged(ended.err) <= place.loaded_files()

    def check_rerun(self, place: Place) -> None:
        """The same command once more, undisturbed, gives what it gives in a clean run."""
        ended = self.start(place).wait()
        assert ended.code == 0, ended.err
        assert not differing(place.stored(), self.stored)
        assert not differing(place.published(), self.published)
        assert place.leftovers() == []
        check_whole(place.data_dir)


def acknowledged(err: str) -> set[str]:
    """Files that an ingest had stored: it went on to another, or to the build."""
    names = list(dict.fromkeys(re.findall(r"^loading (\S+)", err, re.MULTILINE)))
    return set(names if "building facts" in err else names[:-1])


def share(items: list[Change], number: int, of: int) -> list[Change]:
    """The part of one of several tests."""
    return items[number::of]


def scratch(folder: Path, trial: Trial) -> Place:
    """A fresh copy of the state before."""
    return trial.before.copy_to(folder / "place")
