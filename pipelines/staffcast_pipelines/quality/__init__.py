"""Data quality: named checks over the loaded rows and the facts, each with its count, share and verdict."""

from __future__ import annotations

import json
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.errors import ConfigError, did_you_mean
from staffcast.core.units import US_PER_DAY
from staffcast.store.sql import sql_text, statement
from staffcast_pipelines.quality.catalogue import CHECKS, Check, Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from staffcast.store.generations import Generation

__all__ = ["CHECKS", "Check", "Group", "check", "thresholds"]

_DEFAULT_SCALE = (1.0, 5.0)
_LONG_DAYS = 30
_N_SAMPLES = 3
_SHOWN_CHARACTERS = 40
_VERDICT = (
    "cast(coalesce(sum(n_rows) filter (where is_bad), 0) as bigint) as n, "
    "cast(coalesce(sum(n_rows), 0) as bigint) as n_total, "
    "min(sample, 30) filter (where is_bad) as samples"
)
_SCHEMA = {
    "group": pl.String,
    "check": pl.String,
    "n": pl.Int64,
    "n_total": pl.Int64,
    "share": pl.Float64,
    "threshold": pl.Float64,
    "status": pl.String,
    "samples": pl.String,
    "meaning": pl.String,
}


def check(
    con: duckdb.DuckDBPyConnection,
    generation: Generation | None = None,
    *,
    limits: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """Run all checks whose tables are there.

    Args:
        con: Connection of the warehouse.
        generation: The published facts; without them the checks that need facts are left out.
        limits: Share above which a check fails, by name, in place of its own.

    Returns:
        A row a check: ``group``, ``check``, ``n``, ``n_total``, ``share`` (null without a denominator),
        ``threshold`` (the share above which it fails), ``status`` (ok, warn, fail), ``samples`` (up to three
        conversations) and ``meaning``.
    """
    with _facts(con, generation):
        names = {name for (name,) in con.execute(sql_text(__package__, "tables")).fetchall()}
        bound = _values(con, names)
        rows = [
            _verdict(con, item, bound, (limits or {}).get(item.name, item.fail_above))
            for item in CHECKS
            if names.issuperset(item.tables)
        ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def thresholds(*layers: Mapping[str, object]) -> dict[str, float]:
    """Check and merge shares by name of the check; later layers win.

    Raises:
        ConfigError: A name is no check, or a value no share.

    Example:
        >>> thresholds({"future_rows": 0.5}, {"future_rows": "0.02"})
        {'future_rows': 0.02}
    """
    known = [item.name for item in CHECKS]
    found: dict[str, float] = {}
    for layer in layers:
        for name, raw in layer.items():
            if name not in known:
                raise ConfigError(f"there is no check '{name}'", hint=did_you_mean(name, known))
            try:
                found[name] = math.nan if isinstance(raw, bool) else float(str(raw))
            except ValueError:
                found[name] = math.nan
            if not 0 <= found[name] <= 1:
                raise ConfigError(
                    f"the threshold of {name} must be a share from 0 to 1, not {raw!r}",
                    hint="write 0.05 for 5 %",
                )
    return found


@contextmanager
def _facts(con: duckdb.DuckDBPyConnection, generation: Generation | None) -> Iterator[None]:
    """The tables of a generation beside those of the warehouse, which win where both have a name."""
    if generation is None:
        yield
        return
    con.execute("attach ? as facts (read_only)", [str(generation.path)])
    try:
        con.execute("set search_path = 'warehouse.main,facts.main'")
        yield
    finally:
        con.execute("reset search_path")
        con.execute("detach database facts")


def _verdict(
    con: duckdb.DuckDBPyConnection, item: Check, bound: Mapping[str, float], limit: float
) -> tuple[object, ...]:
    text = statement(__package__, item.text, **item.names)
    wanted = {name: value for name, value in bound.items() if f"${name}" in text}
    rows = con.sql(text, params={**wanted, **item.values})
    n, n_total, samples = rows.aggregate(_VERDICT).fetchall()[0]
    share = n / n_total if n_total else None
    status = "ok" if not n else "fail" if share is None or share > limit else "warn"
    shown = ", ".join(_short(sample) for sample in list(dict.fromkeys(samples or []))[:_N_SAMPLES])
    return item.group.value, item.name, n, n_total, share, limit, status, shown, item.meaning


def _short(sample: str) -> str:
    return sample if len(sample) <= _SHOWN_CHARACTERS else f"{sample[: _SHOWN_CHARACTERS - 1]}…"


def _values(con: duckdb.DuckDBPyConnection, names: set[str]) -> dict[str, float]:
    low, high = _scale(con) if "source_config" in names else _DEFAULT_SCALE
    long_us = _LONG_DAYS * US_PER_DAY
    return {"low": low, "high": high, "late_us": long_us, "long_us": long_us}


def _scale(con: duckdb.DuckDBPyConnection) -> tuple[float, float]:
    found = con.execute(sql_text(__package__, "csat_scale")).fetchall()
    scales = [json.loads(value) for (value,) in found]
    bounds = [
        (float(scale[0]), float(scale[-1])) if isinstance(scale, list) else (1.0, float(scale))
        for scale in scales
    ]
    return (min(low for low, _ in bounds), max(high for _, high in bounds)) if bounds else _DEFAULT_SCALE
