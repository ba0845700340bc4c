"""Small exports, and a process that forks children which can be killed at any moment."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.crash.places import Children, Place
from tests.crash.trials import Trial

from staffcast.store.warehouse import Warehouse
from staffcast_sample_data import generate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TABLES = ("conversations", "messages", "events", "surveys", "agents", "agent_status", "queues", "contacts")


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two exports of the same desk, the second with what happened later; CSV and JSON lines."""
    folder = tmp_path_factory.mktemp("exports")
    whole, first, second = (folder / name for name in ("whole", "first", "second"))
    generate(whole, days=2, seed=5, scale=0.05)
    for name in _TABLES:
        with (whole / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        cut = len(rows) if name in ("agents", "queues") else len(rows) * 2 // 3
        _write(first, name, rows[:cut])
        if cut < len(rows):
            _write(second, name, rows[cut - 5 :])  # with a few rows that the first has, too
    shutil.copy(whole / "config.json", first)
    return first, second


def _write(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    folder.mkdir(exist_ok=True)
    if name in ("messages", "events"):
        lines = (json.dumps({key: cell for key, cell in row.items() if cell}) for row in rows)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def preload(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """faulty_io.c as a library, None where there is no compiler."""
    compiler = shutil.which("cc")
    if not compiler:
        return None
    library = tmp_path_factory.mktemp("library") / "faulty_io.so"
    source = __file__.replace("conftest.py", "faulty_io.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture(scope="session")
def children(tmp_path_factory: pytest.TempPathFactory, preload: Path | None) -> Iterator[Children]:
    """Starts children."""
    found = Children(tmp_path_factory.mktemp("children"), preload)
    yield found
    found.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place where nothing is loaded."""
    return Place.new(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="session")
def loaded(
    empty: Place, exports: tuple[Path, Path], children: Children, tmp_path_factory: pytest.TempPathFactory
) -> Place:
    """A place where the first export is loaded and published."""
    place = empty.copy_to(tmp_path_factory.mktemp("loaded"))
    assert children.run("cli", "ingest", str(exports[0]), "-d", str(place.data_dir)).code == 0
    return place


@pytest.fixture(scope="session")
def saved(loaded: Place, children: Children, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with a backup beside it."""
    place = loaded.copy_to(tmp_path_factory.mktemp("saved"))
    path = str(place.folder / "saved.tar")
    assert children.run("cli", "backup", path, "-d", str(place.data_dir)).code == 0
    with Warehouse.open(place.data_dir) as warehouse:
        warehouse.con.execute("delete from backups")  # copies of the place have theirs elsewhere
    return place


class CleanRuns(dict[str, Trial]):
    """Trials by name, whose clean run is made when it is asked for."""

    def __init__(self, planned: Mapping[str, Trial], folder: Path) -> None:
        super().__init__()
        self._planned = planned
        self._folder = folder

    def __missing__(self, name: str) -> Trial:
        self[name] = self._planned[name].clean_run(Place(self._folder / name / "place"))
        return self[name]


@pytest.fixture(scope="session")
def trials(
    children: Children,
    empty: Place,
    loaded: Place,
    saved: Place,
    exports: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Trial]:
    """Commands that get disturbed, each with what a clean run of it gives."""
    first, second = ((str(export), "{place}/data") for export in exports)
    there, backup = ("-d", "{place}/data"), "{place}/saved.tar"
    with (exports[0] / "conversations.csv").open(encoding="utf-8") as stream:
        customer = next(csv.DictReader(stream))["customer_id"]
    planned = {
        "first ingest": Trial(children, empty, "ingest", first),
        "second ingest": Trial(children, loaded, "ingest", second),
        "full build": Trial(children, loaded, "full_build", ("{place}/data",)),
        "erase": Trial(children, saved, "cli", ("erase", customer, "--yes", *there)),
        "backup": Trial(children, saved, "cli", ("backup", backup, *there)),
        "restore": Trial(
            children, saved, "cli", ("restore", "{place}/saved.tar", "--force", "--yes", *there)
        ),
        "rotate-key": Trial(children, saved, "cli", ("rotate-key", "--yes", *there)),
    }
    return CleanRuns(planned, tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="session")
def typed(trials: Mapping[str, Trial], exports: tuple[Path, Path]) -> dict[str, Trial]:
    """The two ingests as a user types them: the same, but for what is printed."""
    return {
        name: replace(trials[name], action="cli", arguments=("ingest", str(export), "-d", "{place}/data"))
        for name, export in zip(("first ingest", "second ingest"), exports, strict=True)
    }


@pytest.fixture
def needs_faults(preload: Path | None) -> None:
    """Skip where no compiler can make changes on the disk fail."""
    if preload is None:
        pytest.skip("no C compiler")
