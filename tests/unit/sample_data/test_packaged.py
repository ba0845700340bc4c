from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from staffcast_sample_data import packaged_sample
from staffcast_sample_data.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def unpacked(file: Path) -> str:
    data = file.read_bytes()
    return (gzip.decompress(data) if file.suffix == ".gz" else data).decode("utf-8")


def numbers(value: Any) -> Any:
    """Leaves of a JSON document in order, for a comparison that forgives the last digit."""
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in numbers(value[key])]
    if isinstance(value, list):
        return [leaf for item in value for leaf in numbers(item)]
    return [value]


def test_sample_is_small_and_mixes_formats() -> None:
    files = list(packaged_sample().iterdir())
    assert sum(file.stat().st_size for file in files) < 1_200_000
    assert {file.suffix for file in files} == {".csv", ".gz", ".jsonl", ".json"}


def test_sample_can_be_made_again(tmp_path: Path) -> None:
    main([str(tmp_path), "--packaged"])
    stored = {file.name: file for file in packaged_sample().iterdir()}
    assert {file.name for file in tmp_path.iterdir()} == set(stored)
    for name, file in stored.items():
        if name != "truth.json":
            assert unpacked(tmp_path / name) == unpacked(file), name
    made, kept = (json.loads(unpacked(folder / "truth.json")) for folder in (tmp_path, packaged_sample()))
    for one, two in zip(numbers(made), numbers(kept), strict=True):
        assert one == (pytest.approx(two, rel=1e-6, abs=1e-5) if isinstance(two, float) else two)
