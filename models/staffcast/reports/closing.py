"""Closing a month: its figures as they were published, kept with their definitions beside the warehouse."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast import __version__
from staffcast.core.errors import ConfigError, WarehouseError
from staffcast.metrics import catalogue, dimensions_of, explain, options_from_settings, query
from staffcast.reports.named_periods import month as month_of
from staffcast.reports.periods import data_range
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from staffcast.core.config import Settings
    from staffcast.reports.named_periods import Days
    from staffcast.store.generations import Reader

__all__ = [
    "FIGURE_SCHEMA",
    "Close",
    "close_month",
    "closes",
    "closes_table",
    "figures",
    "last_close",
    "options_of",
]

FIGURE_SCHEMA = pl.Schema(
    {
        "metric": pl.String,
        "label": pl.String,
        "dimension": pl.String,
        "part": pl.String,
        "value": pl.Float64,
        "numerator": pl.Int64,
        "denominator": pl.Int64,
        "n": pl.Int64,
        "n_excluded": pl.String,
        "n_censored": pl.Int64,
        "ci_low": pl.Float64,
        "ci_high": pl.Float64,
        "unit": pl.String,
        "clock": pl.String,
        "cohort": pl.String,
        "convention": pl.String,
        "definition_hash": pl.String,
        "null_reason": pl.String,
    }
)
"""A row for each metric of the catalogue, whole (no dimension) and by queue where it has one."""

_FOLDER = "closes"
_FORMAT = 1
_NAME = re.compile(r"(\d{4}-\d{2})-(\d+)\.json")


@dataclass(frozen=True)
class Close:
    """The published figures of a month.

    Attributes:
        path: The file.
        month: As ``2026-10``.
        number: 1 for the first close of the month; the highest is in force.
        closed_at: ISO 8601 instant.
        version: Of staffcast.
        generation: Published generation that the figures come from.
        as_of_us: Instant that they are true for, in UTC microseconds.
        load_id: Last load that they know of.
        options: Of the metrics, by metric and option.
        figures: A frame of ``FIGURE_SCHEMA``.
        definitions: By metric: definition, convention, options and SQL.
        sha256: Of the file: who noted it can tell that nothing was changed.
    """

    path: Path
    month: str
    number: int
    closed_at: str
    version: str
    generation: int
    as_of_us: int
    load_id: int
    options: dict[str, Any]
    figures: pl.DataFrame
    definitions: dict[str, Any]
    sha256: str

    @property
    def period(self) -> Days:
        """First day of the month and of the next."""
        return month_of(self.month)


def close_month(
    reader: Reader, settings: Settings, month: str, *, now: datetime, replace: bool = False
) -> Close:
    """Store the figures of a month as they are published now.

    Args:
        reader: A published generation.
        settings: Options of the metrics, and the data folder.
        month: As ``2026-10``.
        now: The instant to put on record.
        replace: Close a month again; the earlier close stays on record.

    Raises:
        ConfigError: It is no month, is not over, is closed already, or the data know nothing of it.
        WarehouseError: The file cannot be written.
    """
    period = month_of(month)
    _require_whole(period, reader, month)
    earlier = closes(settings.data_dir, month)
    if earlier and not replace:
        raise ConfigError(
            f"{month} was closed on {earlier[-1].closed_at[:10]}",
            hint="--restated lists what has changed since; --replace closes it again",
        )
    options = options_from_settings(settings)
    number = earlier[-1].number + 1 if earlier else 1
    content = {
        "format": _FORMAT,
        "month": month,
        "number": number,
        "closed_at": now.isoformat(),
        "version": __version__,
        "generation": reader.generation.number,
        "as_of_us": reader.generation.as_of_us or 0,
        "load_id": reader.run(sql_text(__package__, "last_load"))["load_id"].item(),
        "options": options,
        "figures": figures(reader, settings, period, options).to_dicts(),
        "definitions": _definitions(period, options),
    }
    path = settings.data_dir / _FOLDER / f"{month}-{number}.json"
    _write(path, json.dumps(content, indent=1, ensure_ascii=False))
    return _read(path)


def figures(reader: Reader, settings: Settings, period: Days, options: dict[str, Any]) -> pl.DataFrame:
    """Every metric of a period, whole and by queue, as reports show it.

    Args:
        reader: A published generation; under the works-council profile small groups are withheld.
        settings: For the smallest group whose share is shown.
        period: First day and the day after the last.
        options: As query() takes them.

    Returns:
        A frame of ``FIGURE_SCHEMA``.
    """
    names = [record.id for record in catalogue()]
    by_queue = [record.id for record in catalogue() if "queue" in dimensions_of(record)]
    whole = query(reader, names, period=period, options=_of(names, options), min_n=settings.min_n)
    parts = query(
        reader, by_queue, by="queue", period=period, options=_of(by_queue, options), min_n=settings.min_n
    )
    frames = [
        whole.with_columns(dimension=pl.lit(None, pl.String), part=pl.lit(None, pl.String)),
        parts.with_columns(dimension=pl.lit("queue"), part=pl.col("queue")),
    ]
    return pl.concat([frame.select(FIGURE_SCHEMA.names()) for frame in frames]).cast(FIGURE_SCHEMA)


def closes(data_dir: Path, month: str | None = None) -> list[Close]:
    """All closes, or those of a month, by month and number.

    Args:
        data_dir: Folder of the warehouse.
        month: As ``2026-10``.

    Raises:
        WarehouseError: A file is damaged.
    """
    return sorted(_closes(data_dir / _FOLDER, month), key=lambda close: (close.month, close.number))


def last_close(data_dir: Path, month: str) -> Close:
    """The close of a month that is in force.

    Raises:
        ConfigError: The month is not closed.
    """
    month_of(month)
    found = closes(data_dir, month)
    if not found:
        known = sorted({close.month for close in closes(data_dir)})
        hint = f"closed: {', '.join(known)}" if known else f"run `staffcast close {month}`"
        raise ConfigError(f"{month} is not closed", hint=hint)
    return found[-1]


def closes_table(found: list[Close]) -> pl.DataFrame:
    """One row for each close.

    Returns:
        Columns month, number, closed_at, figures, last_load, generation, version, sha256, file.
    """
    rows = [
        {
            "month": close.month,
            "number": close.number,
            "closed_at": close.closed_at[:19],
            "figures": close.figures.height,
            "last_load": close.load_id,
            "generation": close.generation,
            "version": close.version,
            "sha256": close.sha256,
            "file": close.path.name,
        }
        for close in found
    ]
    texts = ("month", "closed_at", "version", "sha256", "file")
    columns = ("month", "number", "closed_at", "figures", "last_load", "generation", *texts[2:])
    return pl.DataFrame(rows, schema={name: pl.String if name in texts else pl.Int64 for name in columns})


def _require_whole(period: Days, reader: Reader, month: str) -> None:
    covered = data_range(reader)
    if period[1] > covered.end_date:
        raise ConfigError(
            f"{month} is not over: the data are as of {covered.as_of:%Y-%m-%d %H:%M}",
            hint="load the rest of the month first",
        )
    if covered.first_date is None or covered.first_date > period[0]:
        raise ConfigError(
            f"the data do not cover {month} whole: they begin on {covered.first_date}",
            hint=f"the first month that can be closed is {_first_whole_month(covered.first_date)}",
        )


def _first_whole_month(first: date | None) -> str:
    if first is None:
        return "none"
    if first.day == 1:
        return f"{first:%Y-%m}"
    return f"{date(first.year + first.month // 12, first.month % 12 + 1, 1):%Y-%m}"


def options_of(name: str, options: dict[str, Any]) -> dict[str, float | str]:
    """Every option of a metric with its value.

    Args:
        name: Id of the metric.
        options: As query() takes them, for any metrics.
    """
    return dict(explain(name, options=_of([name], options)).options)


def _definitions(period: Days, options: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for record in catalogue():
        own = explain(record.id, period=period, options=_of([record.id], options))
        found[record.id] = {
            "definition": record.definition,
            "convention": own.convention,
            "options": dict(own.options),
            "definition_hash": own.definition_hash,
            "sql": own.sql,
        }
    return found


def _of(names: Collection[str], options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key.rpartition(".")[0] in names}


def _closes(folder: Path, month: str | None) -> Iterator[Close]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        name = _NAME.fullmatch(path.name)
        if name and month in (None, name[1]):
            yield _read(path)


def _read(path: Path) -> Close:
    try:
        content = path.read_bytes()
        raw = json.loads(content)
        return Close(
            path=path,
            figures=pl.DataFrame(raw["figures"], schema=FIGURE_SCHEMA, orient="row"),
            sha256=hashlib.sha256(content).hexdigest(),
            **{
                name: raw[name]
                for name in (
                    "month", "number", "closed_at", "version", "generation", "as_of_us", "load_id", "options",
                    "definitions",
                )
            },
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise WarehouseError(
            f"{path} is damaged", hint="restore it from a backup, or move it away"
        ) from error


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.tmp")
    try:
        path.parent.mkdir(exist_ok=True, mode=0o700)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise WarehouseError(
            f"cannot write {path}: {error.strerror}", hint="check the folder, its mode and free space"
        ) from error
