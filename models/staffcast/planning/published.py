"""Published forecasts: locked for their period, and later judged by what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from staffcast import __version__
from staffcast.core.errors import ConfigError, WarehouseError
from staffcast.core.units import SLOT_US, SLOTS_PER_HOUR, US_PER_S
from staffcast.forecasting import FORECAST_SCHEMA, QUANTILES, pinball
from staffcast.planning.ledger import add_record, records
from staffcast.planning.volume import forecast_volume, past_cells, present

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from staffcast.forecasting import VolumeForecast
    from staffcast.planning.volume import Outlook
    from staffcast.store.generations import Reader

__all__ = [
    "JUDGED_SCHEMA",
    "PUBLISHED_SCHEMA",
    "Published",
    "judged",
    "publish_forecast",
    "published",
    "published_table",
]

PUBLISHED_SCHEMA = pl.Schema(
    FORECAST_SCHEMA
    | dict.fromkeys(("plain_expected", "average_expected"), pl.Float64())
    | {name: pl.List(pl.Float64) for name in ("quantiles", "plain_quantiles")}
)
"""Rows of a published forecast: with overrides, without them (``plain_``), and by the 8-week average;
``quantiles`` are those of `forecasting.QUANTILES`, null where the forecast had no paths."""

JUDGED_SCHEMA = pl.Schema(
    {
        "number": pl.Int64,
        "period": pl.String,
        "version": pl.Int64,
        "queue": pl.String,
        "n_intervals": pl.Int64,
        "contacts": pl.Float64,
        "expected": pl.Float64,
        "wape": pl.Float64,
        "bias": pl.Float64,
        "pinball": pl.Float64,
        "coverage_80": pl.Float64,
        "plain_wape": pl.Float64,
        "plain_pinball": pl.Float64,
        "average_wape": pl.Float64,
        "n_overridden": pl.Int64,
        "overridden_contacts": pl.Float64,
        "overridden_wape": pl.Float64,
        "overridden_plain_wape": pl.Float64,
    }
)
"""A row for each published forecast and queue (null: all queues), of the intervals that count in it. Errors
are shares of contacts: ``plain_`` without overrides, ``overridden_`` of the intervals that these changed."""

_LEDGER = "published"
_FACTS = ("first_date", "end_date", "version", "published_at", "as_of_us", "every_min", "model", "reason")


@dataclass(frozen=True)
class Published:
    """A forecast as it was published.

    Attributes:
        number: in the ledger.
        first_date: first local date of its period.
        end_date: the date after the last.
        version: 1 for the first of its period.
        published_at: instant, ISO 8601.
        as_of_us: instant that was the present of its data.
        every_min: minutes of an interval.
        model: setting that was in force.
        reason: why it replaced the version before; empty for the first.
        frame: of `PUBLISHED_SCHEMA`.
    """

    number: int
    first_date: str
    end_date: str
    version: int
    published_at: str
    as_of_us: int
    every_min: int
    model: str
    reason: str
    frame: pl.DataFrame


def publish_forecast(
    reader: Reader, data_dir: Path, outlook: Outlook, *, now: datetime, reason: str = ""
) -> Published:
    """Lock the forecast of a period: it stays as it is, whatever is forecast later.

    Args:
        reader: the published generation that the forecast was made from.
        data_dir: folder of the warehouse.
        outlook: what is expected.
        now: the instant to put on record.
        reason: why the period gets a new version, where it has one.

    Raises:
        ConfigError: the period has a version and no reason was given.
        WarehouseError: the disk refuses; nothing was published.
    """
    earlier = [
        own for own in published(data_dir)
        if (own.first_date, own.end_date) == (outlook.first_date, outlook.end_date)
    ]  # fmt: skip
    if earlier and not reason.strip():
        raise ConfigError(
            f"{_period(earlier[-1])} was published on {earlier[-1].published_at[:10]}",
            hint="--reason says why there is to be another version",
        )
    frame = _frame(reader, outlook)
    record = add_record(
        data_dir,
        _LEDGER,
        {
            "first_date": outlook.first_date,
            "end_date": outlook.end_date,
            "version": len(earlier) + 1,
            "published_at": now.isoformat(),
            "as_of_us": present(reader)[0],
            "every_min": outlook.every_min,
            "model": outlook.model,
            "reason": reason.strip(),
            "staffcast": __version__,
            "intervals": frame.to_dict(as_series=False),
        },
    )
    return _read(record.number, record.content)


def published(data_dir: Path) -> list[Published]:
    """All published forecasts, the oldest first.

    Raises:
        WarehouseError: one is damaged.
    """
    found = []
    for record in records(data_dir, _LEDGER):
        try:
            found.append(_read(record.number, record.content))
        except (KeyError, TypeError, pl.exceptions.PolarsError) as error:
            raise WarehouseError(f"{record.path} is no published forecast", hint="move it away") from error
    return found


def published_table(found: Sequence[Published]) -> pl.DataFrame:
    """One row for each published forecast.

    Returns:
        Columns number, period, version, published_at, model, expected, plain_expected, reason.
    """
    rows = [
        {
            "number": own.number,
            "period": _period(own),
            "version": own.version,
            "published_at": own.published_at[:19],
            "model": own.model,
            "expected": float(own.frame["expected"].sum()),
            "plain_expected": float(own.frame["plain_expected"].sum()),
            "reason": own.reason,
        }
        for own in found
    ]
    whole, real = ("number", "version"), ("expected", "plain_expected")
    names = ("number", "period", "version", "published_at", "model", "expected", "plain_expected", "reason")
    return pl.DataFrame(
        rows,
        schema={n: pl.Int64 if n in whole else pl.Float64 if n in real else pl.String for n in names},
    )


def judged(reader: Reader, found: Sequence[Published]) -> pl.DataFrame:
    """Set each published forecast beside what came, as far as that is known.

    An interval counts once: in the latest forecast that was published before the interval began.

    Args:
        reader: a published generation.
        found: of `published`.

    Returns:
        A frame of `JUDGED_SCHEMA`; a forecast without an interval that counts and is over has no rows.
    """
    rows: list[dict[str, Any]] = []
    came = {every: _came(reader, every) for every in {own.every_min for own in found}}
    latest = _latest(found)
    for own in found:
        promised = own.frame.join(
            latest.filter(number=own.number), on=["queue", "interval_at_us"], how="semi"
        )
        both = promised.join(came[own.every_min], on=["queue", "interval_at_us"], how="inner")
        if both.is_empty():
            continue
        head = {"number": own.number, "period": _period(own), "version": own.version}
        rows.append(head | {"queue": None} | _scores(both))
        parts = both.partition_by("queue", as_dict=True, maintain_order=True)
        rows += [head | {"queue": str(queue)} | _scores(part) for (queue,), part in parts.items()]
    return pl.DataFrame(rows, schema=JUDGED_SCHEMA)


def _frame(reader: Reader, outlook: Outlook) -> pl.DataFrame:
    key = ["queue", "interval_at_us"]
    average = forecast_volume(reader, days=outlook.n_days, every_min=outlook.every_min)
    plain = outlook.plain.frame.select(*key, pl.col("expected").alias("plain_expected"))
    return (
        outlook.forecast.frame.join(plain, on=key, how="left")
        .join(average.select(*key, pl.col("expected").alias("average_expected")), on=key, how="left")
        .sort(key)
        .with_columns(
            pl.Series("quantiles", _quantiles(outlook.forecast), dtype=pl.List(pl.Float64)),
            pl.Series("plain_quantiles", _quantiles(outlook.plain), dtype=pl.List(pl.Float64)),
        )
        .select(PUBLISHED_SCHEMA.names())
        .cast(PUBLISHED_SCHEMA)
    )


def _quantiles(forecast: VolumeForecast) -> list[list[float] | None]:
    """Quantiles of the paths, in the order of queue and interval."""
    found: list[list[float] | None] = []
    for (queue,), rows in forecast.frame.sort("queue", "interval_at_us").group_by(
        "queue", maintain_order=True
    ):
        paths = forecast.paths.get(str(queue))
        if paths is None:
            found += [None] * rows.height
        else:
            found += np.quantile(paths, QUANTILES, axis=0, method="inverted_cdf").T.tolist()
    return found


def _latest(found: Sequence[Published]) -> pl.DataFrame:
    """The forecast in force when each quarter-hour of a queue began: queue, interval_at_us, number.

    Quarter-hours, since forecasts may overlap that have intervals of different lengths.
    """
    parts = [
        own.frame.select("queue", pl.col("interval_at_us") + part * SLOT_US)
        .filter(pl.col("interval_at_us") >= datetime.fromisoformat(own.published_at).timestamp() * US_PER_S)
        .with_columns(number=pl.lit(own.number, pl.Int64))
        for own in found
        for part in range(own.every_min * SLOTS_PER_HOUR // 60)
    ]
    schema = {"queue": pl.String, "interval_at_us": pl.Int64, "number": pl.Int64}
    return (
        pl.concat([pl.DataFrame(schema=schema), *parts])
        .group_by("queue", "interval_at_us")
        .agg(pl.col("number").max())
    )


def _came(reader: Reader, every_min: int) -> pl.DataFrame:
    """Contacts of the past intervals that were complete."""
    return past_cells(reader, every_min).select(
        "queue", "interval_at_us", pl.col("n_offered").cast(pl.Float64)
    )


def _scores(both: pl.DataFrame) -> dict[str, Any]:
    contacts = both["n_offered"].to_numpy()
    expected, plain = both["expected"].to_numpy(), both["plain_expected"].to_numpy()
    total, changed = float(contacts.sum()), expected != plain
    inside = (contacts >= both["lower"].to_numpy()) & (contacts <= both["upper"].to_numpy())

    def wape(forecast: np.ndarray, rows: np.ndarray | slice = slice(None)) -> float | None:
        of = float(contacts[rows].sum())
        return float(np.abs(forecast[rows] - contacts[rows]).sum()) / of if of > 0 else None

    return {
        "n_intervals": both.height,
        "contacts": total,
        "expected": float(expected.sum()),
        "wape": wape(expected),
        "bias": float(expected.sum() - total) / total if total > 0 else None,
        "pinball": _pinball(both["quantiles"], contacts),
        "coverage_80": float(inside.mean()),
        "plain_wape": wape(plain),
        "plain_pinball": _pinball(both["plain_quantiles"], contacts),
        "average_wape": wape(both["average_expected"].to_numpy()),
        "n_overridden": int(changed.sum()),
        "overridden_contacts": float(contacts[changed].sum()),
        "overridden_wape": wape(expected, changed),
        "overridden_plain_wape": wape(plain, changed),
    }


def _pinball(quantiles: pl.Series, contacts: np.ndarray) -> float | None:
    if quantiles.null_count() or not contacts.sum() > 0:
        return None
    return float(pinball(contacts, np.array(quantiles.to_list()).T).sum() / contacts.sum())


def _period(own: Published) -> str:
    """First and last day, as ``2026-11-16/2026-11-22``."""
    last = np.datetime64(own.end_date) - 1
    return f"{own.first_date}/{last}"


def _read(number: int, content: dict[str, Any]) -> Published:
    frame = pl.DataFrame(content["intervals"], schema=PUBLISHED_SCHEMA)
    return Published(number=number, frame=frame, **{name: content[name] for name in _FACTS})
