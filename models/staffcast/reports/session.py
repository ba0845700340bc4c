"""Published data and the settings in force: what every command and every page starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from staffcast.core.config import Origin, Settings, resolve
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.generations import Reader, open_generation

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
) -> Session:
    """Open the current generation of the data folder that the settings name.

    Args:
        flags: Values from the command line; None values are ignored.
        environment: Usually ``os.environ``.
        config_file: A ``staffcast.toml``.

    Raises:
        ConfigError: A setting is unknown or malformed.
        WarehouseError: Nothing is published yet, or it cannot be read.
    """
    settings, _ = resolve(flags=flags, environment=environment, config_file=config_file)
    reader = open_generation(settings.data_dir)
    try:
        rows = reader.run(DATA_DEFAULTS_SQL).iter_rows()
        settings, origins = resolve(
            flags=flags, environment=environment, config_file=config_file, data=data_defaults(rows)
        )
    except BaseException:
        reader.close()
        raise
    return Session(reader, settings, origins)
