"""One small desk over the end of summer time, generated once for all tests of the sample data."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from staffcast_sample_data import DeskParameters, GeneratedDesk, generate

if TYPE_CHECKING:
    from pathlib import Path

END_DATE = date(2026, 10, 28)
DAYS, SEED, SCALE = 9, 3, 0.35


@dataclass(frozen=True)
class WrittenDesk:
    """A generated folder with its files as frames; instants are UTC datetimes."""

    generated: GeneratedDesk
    frames: dict[str, pl.DataFrame]
    truth: dict[str, Any]

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.frames[name]


def read(file: Path) -> pl.DataFrame:
    frame = pl.read_csv(file, infer_schema_length=None)
    instants = [c for c in frame.columns if c.endswith("_at") or c == "timestamp"]
    return frame.with_columns(
        pl.col(c).cast(pl.String).str.to_datetime("%+", time_unit="ms", time_zone="UTC") for c in instants
    )


@pytest.fixture(scope="session")
def parameters() -> DeskParameters:
    return replace(DeskParameters(), end_date=END_DATE, replications=2)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, parameters: DeskParameters) -> WrittenDesk:
    folder = tmp_path_factory.mktemp("desk")
    generated = generate(folder, days=DAYS, seed=SEED, scale=SCALE, parameters=parameters)
    frames = {file.stem: read(file) for file in sorted(folder.glob("*.csv"))}
    return WrittenDesk(generated, frames, json.loads((folder / "truth.json").read_text(encoding="utf-8")))
