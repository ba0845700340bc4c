"""Published data and the settings in force: what every command and every page starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.core.config import Origin, Settings, resolve
from staffcast.core.errors import ConfigError, WarehouseError
from staffcast.metrics.loader import use
from staffcast.metrics.own import read_definitions
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.facts import FACT_TABLES
from staffcast.store.generations import Reader, open_generation
from staffcast.store.reader import DEFAULT_TIME_LIMIT_S
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Session", "open_session"]


@dataclass(frozen=True)
class Session:
    """A published generation with its settings.

    Attributes:
        reader: The door to the facts.
        settings: With the defaults that came with the data.
        origins: Where each setting came from.
    """

    reader: Reader
    settings: Settings
    origins: tuple[Origin, ...]


def open_session(
    *,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    config_file: Path | None = None,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
) -> Session:
    """Open the current generation of the data folder that the settings name, with the metrics in force.

    Args:
        flags: Values from the command line; None values are ignored.
        environment: Usually ``os.environ``.
        config_file: A ``staffcast.toml``.
        time_limit_s: Seconds after which a query is stopped.

    Raises:
        ConfigError: A setting or a metric of the user's is unknown or malformed, or the works-council profile
            is asked for while the data are published without it.
        WarehouseError: Nothing is published yet, or it cannot be read.
    """
    settings, _ = resolve(flags=flags, environment=environment, config_file=config_file)
    use(read_definitions(config_file))
    reader = open_generation(settings.data_dir, time_limit_s=time_limit_s)
    try:
        _require_this_version(reader)
        rows = reader.run(DATA_DEFAULTS_SQL).iter_rows()
        settings, origins = resolve(
            flags=flags,
            environment=environment,
            config_file=config_file,
            data=data_defaults(rows),
            binding=_profile(reader, settings),
        )
    except BaseException:
        reader.close()
        raise
    return Session(reader, settings, origins)


def _require_this_version(reader: Reader) -> None:
    published = set(reader.run(sql_text(__package__, "published_columns")).iter_rows())
    wanted = {(table.name, name) for table in FACT_TABLES for name, _ in table.all_columns}
    if wanted - published:
        raise WarehouseError(
            "the data were published by another version of staffcast",
            hint="run `staffcast doctor --fix`, which publishes them anew",
        )


def _profile(reader: Reader, settings: Settings) -> tuple[str, Mapping[str, object]] | None:
    """The works-council profile that the data were published under; settings may only make it stricter."""
    is_wanted = settings.works_council == "on"
    if not reader.min_group:
        if is_wanted:
            raise ConfigError(
                "works_council is on, but these data were published without it",
                hint="run `staffcast works-council --apply`",
            )
        return None
    if is_wanted:
        reader.min_group = max(reader.min_group, settings.min_group)
    info = dict(reader.run(sql_text(__package__, "profile")).iter_rows())
    origin = "locked" if info["works_council"] == "locked" else "published data"
    return origin, {"works_council": "on", "min_group": reader.min_group}
