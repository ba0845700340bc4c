"""An incremental build makes the tables of a full one, whatever arrived in whatever portions since."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.property.facts.portions import Portions, feed, feed_files, portions
from tests.unit.facts.desk import NOW, Desk

from staffcast.core.config import Settings
from staffcast.store.generations import Generation, open_generation
from staffcast.store.warehouse import Warehouse
from staffcast_pipelines.build import BuildReport, build
from staffcast_pipelines.delta import changes

if TYPE_CHECKING:
    from collections.abc import Iterator

few = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=100, derandomize=False)


@pytest.fixture(autouse=True)
def _never_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LARGEST_SHARE", 1000)


def tables(data_dir: Path) -> dict[str, Counter[Any]]:
    with open_generation(data_dir) as reader:
        found = {name: Counter(reader.query(f"from {name}").rows()) for name in reader.tables()}
    found["build_info"] = Counter(
        {row: n for row, n in found["build_info"].items() if row[0] != "built_load_id"}
    )
    return found


def differences(one: dict[str, Counter[Any]], other: dict[str, Counter[Any]]) -> dict[str, Any]:
    return {
        name: (one[name] - other[name], other[name] - one[name])
        for name in one.keys() | other.keys()
        if one.get(name) != other.get(name)
    }


def forget(data_dir: Path, full: Generation, pointer: str) -> None:
    """Make the generation before the full one current again."""
    full.path.unlink()
    (data_dir / "generations" / "current.json").write_text(pointer, encoding="utf-8")


def builds(data: Portions, *, from_files: bool) -> Iterator[tuple[BuildReport, dict[str, Any]]]:
    """Build after each load, and say how that differs from a full build."""
    with TemporaryDirectory() as folder:
        for load_id, (rows, as_of_s) in enumerate(zip(data.rows, data.as_of_s, strict=True), start=1):
            if from_files:
                feed_files(Path(folder), rows)
            chosen = dict(data.settings)
            if as_of_s is not None:
                chosen["as_of"] = datetime.fromtimestamp(Desk().us(as_of_s) / 1e6, UTC).isoformat()
            with Warehouse.open(Path(folder), create=True) as warehouse:
                if not from_files:
                    feed(warehouse, rows, load_id)
                yield both(warehouse, Settings(**chosen))


def both(warehouse: Warehouse, chosen: Settings) -> tuple[BuildReport, dict[str, Any]]:
    """Continue the last generation, then build all anew beside it, and compare."""
    report = build(warehouse, chosen, now=NOW)
    pointer = (warehouse.data_dir / "generations" / "current.json").read_text(encoding="utf-8")
    continued = tables(warehouse.data_dir)
    full = build(warehouse, chosen, now=NOW, full=True)
    found = differences(continued, tables(warehouse.data_dir))
    forget(warehouse.data_dir, full.generation, pointer)
    return report, found


def check(data: Portions, *, from_files: bool) -> None:
    for report, found in builds(data, from_files=from_files):
        assert not found, (report.full_because, report.n_built)


@few
@given(portions())
def test_an_incremental_build_is_a_full_build(data: Portions) -> None:
    check(data, from_files=True)


@few
@given(portions())
def test_whatever_version_of_a_row_holds(data: Portions) -> None:
    check(data, from_files=False)


@pytest.mark.slow
@pytest.mark.parametrize("from_files", [True, False])
@many
@given(data=portions())
def test_an_incremental_build_is_a_full_build_many_times(data: Portions, from_files: bool) -> None:  # noqa: FBT001 - a case
    check(data, from_files=from_files)
