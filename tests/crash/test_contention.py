"""Several at once: two writers, and readers who look on while writers work."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING

import pytest
from tests.crash.places import check_whole, differing
from tests.crash.trials import Trial, scratch

from staffcast.core.errors import WarehouseError
from staffcast.store.generations import open_generation
from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.places import Children

_REFUSED = re.compile(r"in use by process (\d+)")


def test_a_second_ingest_names_who_holds_the_warehouse(
    trials: dict[str, Trial], children: Children, tmp_path: Path
) -> None:
    trial = trials["second ingest"]
    place = scratch(tmp_path, trial)
    with Warehouse.open(place.data_dir):
        refused = trial.start(place).wait()
        doctor = children.run("cli", "doctor", "-d", str(place.data_dir))
    assert refused.code == 99  # the library's error, which the command line turns into a line
    found = _REFUSED.search(refused.err)
    assert found
    assert doctor.code == 0
    assert f"in use by process {found[1]}" in doctor.out
    trial.check_rerun(place)


@pytest.mark.slow
def test_two_ingests_at_once_lose_nothing(
    trials: dict[str, Trial], exports: tuple[Path, Path], children: Children, tmp_path: Path
) -> None:
    place = scratch(tmp_path, trials["first ingest"])
    commands = [("ingest", str(export), "-d", str(place.data_dir)) for export in exports]
    open_commands = [0, 1] * 3
    n_refused = 0
    while open_commands:
        pair, open_commands = open_commands[:2], open_commands[2:]
        running = [(number, children.start("cli", *commands[number])) for number in pair]
        for number, child in running:
            ended = child.wait()
            if ended.code:
                n_refused += 1
                assert ended.code == 1, ended.err
                assert _REFUSED.search(ended.err), ended.err
                assert len(ended.err.splitlines()) <= 2, ended.err
                open_commands.append(number)
    assert n_refused
    assert place.loaded_files() == trials["second ingest"].files()
    check_whole(place.data_dir)
    assert place.leftovers() == []


@pytest.mark.slow
@pytest.mark.parametrize("other", ["backup", "rotate-key", "full build"])
def test_an_ingest_while_something_else_runs(
    trials: dict[str, Trial], children: Children, other: str, tmp_path: Path
) -> None:
    trial = trials["second ingest"]
    place = scratch(tmp_path, trial)
    actions = {
        "backup": ("cli", "backup", str(tmp_path / "b.tar"), "-d", str(place.data_dir)),
        "rotate-key": ("cli", "rotate-key", "--yes", "-d", str(place.data_dir)),
        "full build": ("full_build", str(place.data_dir)),
    }
    running = children.start(*actions[other])
    time.sleep(0.1)
    ended = trial.start(place).wait()
    done = running.wait()
    assert ended.code in (0, 99)
    assert ended.code == 0 or _REFUSED.search(ended.err), ended.err
    assert done.code in (0, 1, 99)
    assert done.code == 0 or _REFUSED.search(done.err), done.err
    assert trial.start(place).wait().code == 0
    if other != "rotate-key":  # which gives every hash another value
        assert not differing(place.published(), trial.published, but=["build_info"])
    assert place.loaded_files() == trial.files()
    check_whole(place.data_dir)


@pytest.mark.slow
def test_readers_see_one_whole_generation_at_any_time(
    trials: dict[str, Trial], exports: tuple[Path, Path], children: Children, tmp_path: Path
) -> None:
    trial = trials["second ingest"]
    place = scratch(tmp_path, trial)
    seen: set[int] = set()
    wrong: list[str] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            try:
                seen.add(check_whole(place.data_dir))
            except (WarehouseError, AssertionError) as error:
                wrong.append(repr(error))

    readers = [threading.Thread(target=look), threading.Thread(target=look)]
    for reader in readers:
        reader.start()
    with open_generation(place.data_dir) as held:
        before = held.run("select count(*) as n from fact_turn").item()
        try:
            for _ in range(4):
                for action in (trial.action, "full_build"):
                    arguments = (str(exports[1]),) if action == "ingest" else ()
                    running = children.start(action, *arguments, str(place.data_dir))
                    report = children.run("cli", "report", "-f", "csv", "-d", str(place.data_dir))
                    assert (report.code, report.err) == (0, ""), report.err
                    ended = running.wait()
                    assert ended.code == 0, ended.err
        finally:
            is_over.set()
            for reader in readers:
                reader.join()
        assert held.run("select count(*) as n from fact_turn").item() == before
    assert not wrong
    assert len(seen) >= 4
    assert place.leftovers() == []
