"""The packaged sample: four days of a small desk, around the end of summer time, in mixed formats."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from staffcast_sample_data.generate import generate
from staffcast_sample_data.parameters import DeskParameters

DAYS, SEED, SCALE = 4, 11, 0.22
END_DATE = date(2026, 10, 28)
GZIPPED = ("conversations", "messages", "events", "page_views", "bot_sessions")
JSON_LINES = ("surveys", "contacts", "agent_status")


def packaged_sample() -> Path:
    """Folder of the packaged sample; CSV, gzipped CSV and JSON lines.

    Example:
        >>> (packaged_sample() / "messages.csv.gz").exists()
        True
    """
    return Path(__file__).parent / "packaged"


def write_packaged_sample(folder: Path) -> None:
    """Generate the packaged sample anew."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch)
        parameters = replace(DeskParameters(), end_date=END_DATE)
        generate(plain, days=DAYS, seed=SEED, scale=SCALE, parameters=parameters)
        for file in sorted(plain.iterdir()):
            _repack(file, folder)


def _repack(file: Path, folder: Path) -> None:
    if file.stem in GZIPPED:
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    elif file.stem in JSON_LINES:
        pl.read_csv(file, infer_schema_length=None).write_ndjson(folder / f"{file.stem}.jsonl")
    else:
        (folder / file.name).write_bytes(file.read_bytes())
