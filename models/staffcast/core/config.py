"""Settings: one declared list, five layers, and the origin of each value.

The order is: command-line flag, then ``STAFFCAST_*`` in the environment, then ``staffcast.toml``, then
``config.json`` of the data, then the default. An unknown key is an error in every layer but the data's.
"""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from staffcast.core.calendars import WEEKDAYS, OpeningHours, zone
from staffcast.core.errors import ConfigError, did_you_mean
from staffcast.core.service_level import ServiceLevelConvention
from staffcast.core.units import is_currency

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CONFIG_FILE", "DATA_KEYS", "Origin", "Settings", "resolve", "setting_names", "settings_help"]

CONFIG_FILE = "staffcast.toml"

DATA_KEYS: dict[str, str] = {
    "as_of": "as_of",
    "timezone": "timezone",
    "business_hours": "business_hours",
    "holidays": "holidays",
    "fcr_window_days": "fcr_window_days",
    "service_level_target_seconds": "service_level_within_s",
    "short_abandon_seconds": "short_abandon_s",
    "csat_scale": "csat_scale",
    "csat_positive_min": "csat_positive_min",
    "agent_hourly_cost": "agent_hourly_cost",
    "currency": "currency",
}
"""Names in ``config.json`` of an interchange folder, and the settings that they give defaults for."""


_KEEP_TEXT = ("redacted", "none", "raw")
_FORECAST_MODELS = ("average", "best")
_RETRIES = ("count", "leave_out")
_SWITCHES = frozenset({"debug", "most_examples", "shared_data"})
"""``STAFFCAST_*`` names that are for developers and no settings."""

_TABLES = frozenset({"check", "dimensions", "metrics"})
"""Tables of ``staffcast.toml`` that are no settings: thresholds of checks, the user's own definitions."""

_ON_OFF = ("on", "off")
_SMALLEST_GROUP = 2


def _setting(default: Any, meaning: str) -> Any:  # noqa: ANN401 - dataclass field of any setting type
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default.

    Example:
        >>> Settings().fcr_window_days
        7
    """

    data_dir: Path = _setting(  # noqa: RUF009 - a field with a default, and paths are immutable
        Path(".staffcast"), "folder of the warehouse, its key and published generations"
    )
    timezone: str = _setting("UTC", "report time zone (IANA name)")
    as_of: str = _setting("", "instant that reports are made for (ISO 8601); empty = last event of the data")
    business_hours: str = _setting("", 'JSON of weekly hours for queues without their own: {"mon-fri": [..]}')
    holidays: str = _setting("", "comma-separated closed dates, beside those of the queues")
    fcr_window_days: int = _setting(7, "days without a repeat contact that make a first contact resolved")
    service_level_within_s: float = _setting(30.0, "service level: answered within this many seconds")
    service_level_share: float = _setting(0.8, "service level: share to be answered within it")
    service_level_convention: str = _setting(
        "excluding_short_abandons", "how abandoned chats count in the service level"
    )
    short_abandon_s: float = _setting(10.0, "an abandonment before this many seconds is short")
    reply_within_s: float = _setting(90.0, "reply target where the data carry none")
    csat_scale: int = _setting(5, "highest rating of the survey")
    csat_positive_min: float = _setting(4.0, "lowest rating that counts as satisfied")
    agent_hourly_cost: float = _setting(0.0, "cost of an agent hour; 0 = unknown")
    currency: str = _setting("", "currency of all costs")
    shrinkage_share: float = _setting(0.3, "share of paid time that is not available for chats")
    concurrency_limit: int = _setting(3, "most chats an agent holds at once, for the plan")
    max_slot_occupancy_share: float = _setting(0.9, "most of the agents' chat slots that may be in use")
    forecast_model: str = _setting(
        "best", "best: the model of each queue that forecast best so far; average: 8 weeks, quick"
    )
    country: str = _setting("", "public holidays for the best model, such as DE or US/NY; empty = none")
    events: str = _setting("", "CSV of events: name, first, last, uplift, sd, queue, ...; empty = none")
    drivers: str = _setting("", "CSV of business drivers by date: date, orders, orders_sd, ...; empty = none")
    scenarios: str = _setting("", "CSV of what-ifs: name, what, from, to, factor, sd, queue; empty = none")
    scenario: str = _setting("", "the what-if that forecast and plan follow; empty = none")
    retries: str = _setting("count", "count: all contacts are demand; leave_out: not those who came back")
    like: str = _setting("", "new queues that will be like another: new=old, ...; empty = none")
    active_recent_s: float = _setting(300.0, "a chat is active while a message is owed or this recent")
    keep_text: str = _setting("redacted", "message texts and comments are stored: redacted, none or raw")
    phone_regions: str = _setting(
        "DE,GB,US,FR,ES,IT,NL,BR", "countries whose phone numbers are known without a calling code"
    )
    min_n: int = _setting(5, "smallest group whose share is shown")
    works_council: str = _setting("off", "on: no figure about a person or a small group of agents")
    min_group: int = _setting(5, "works council: fewest agents that a figure may rest on")

    def __post_init__(self) -> None:
        for check in (_check_shares, _check_positive, _check_words):
            check(self)

    def opening_hours(self) -> OpeningHours | None:
        """Weekly hours for queues that bring none, or None when none are set."""
        if not self.business_hours:
            return None
        days = tuple(day.strip() for day in self.holidays.split(",") if day.strip())
        return OpeningHours.from_rules(json.loads(self.business_hours), timezone=self.timezone, holidays=days)


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting's value as text and where it came from."""

    name: str
    value: str
    origin: str
    meaning: str


def setting_names() -> tuple[str, ...]:
    """Names of all settings, in order."""
    return tuple(item.name for item in fields(Settings))


def settings_help() -> tuple[tuple[str, str, str], ...]:
    """Name, default and meaning of every setting."""
    return tuple((item.name, str(item.default), str(item.metadata["meaning"])) for item in fields(Settings))


def resolve(
    *,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    config_file: Path | None = None,
    data: Mapping[str, object] | None = None,
    binding: tuple[str, Mapping[str, object]] | None = None,
) -> tuple[Settings, tuple[Origin, ...]]:
    """Merge the layers into settings and the origin of each.

    Args:
        flags: Values from the command line; None values are ignored.
        environment: Usually ``os.environ``; only names starting with ``STAFFCAST_`` are read.
        config_file: A ``staffcast.toml``; a missing file is an error only if it was asked for.
        data: Keys of ``config.json`` of the loaded data; unknown ones are ignored.
        binding: Values that no layer may change, and where they come from.

    Raises:
        ConfigError: A key is unknown or a value is not of its kind.

    Example:
        >>> settings, origins = resolve(environment={"STAFFCAST_FCR_WINDOW_DAYS": "14"})
        >>> settings.fcr_window_days
        14
        >>> [o.origin for o in origins if o.name == "fcr_window_days"]
        ['environment STAFFCAST_FCR_WINDOW_DAYS']
    """
    layers: list[tuple[str, Mapping[str, object]]] = [
        (
            "data config.json",
            {DATA_KEYS[key]: value for key, value in (data or {}).items() if key in DATA_KEYS},
        )
    ]
    if config_file is not None:
        own = read_config_file(config_file)
        layers.append((str(config_file), {name: own[name] for name in own if name not in _TABLES}))
    layers.append(("environment", _environment(environment or {})))
    layers.append(("flag", {key: value for key, value in (flags or {}).items() if value is not None}))
    if binding is not None:
        layers.append(binding)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        for name, raw in layer.items():
            _require_known(name, setting_names(), origin)
            values[name] = _convert(name, raw, origin)
            origins[name] = f"environment STAFFCAST_{name.upper()}" if origin == "environment" else origin
    settings = Settings(**values)
    return settings, tuple(
        Origin(item.name, str(getattr(settings, item.name)), origins.get(item.name, "default"),
               str(item.metadata["meaning"]))
        for item in fields(Settings)
    )  # fmt: skip


def read_config_file(path: Path) -> dict[str, object]:
    """Read ``staffcast.toml``.

    Raises:
        ConfigError: The file is missing, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: cannot be read", hint="check the path, or run `staffcast init`"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    prefix = "STAFFCAST_"
    found = {
        key[len(prefix) :].lower(): value for key, value in environment.items() if key.startswith(prefix)
    }
    return {name: value for name, value in found.items() if value and name not in _SWITCHES}


def _require_known(name: str, known: Iterable[str], origin: str) -> None:
    if name not in known:
        raise ConfigError(f"unknown setting '{name}' in {origin}", hint=did_you_mean(name, known))


def _convert(name: str, raw: object, origin: str) -> object:
    default = next(item.default for item in fields(Settings) if item.name == name)
    try:
        if isinstance(default, Path):
            return Path(str(raw)).expanduser()
        if name == "csat_scale" and isinstance(raw, list) and raw:
            raw = raw[-1]  # config.json may give both ends: [1, 5]
        if isinstance(default, str):
            if name == "works_council" and isinstance(raw, bool):
                return "on" if raw else "off"
            if isinstance(raw, list):
                return ",".join(str(item) for item in raw)
            return json.dumps(raw) if isinstance(raw, dict) else str(raw)
        return _number(raw, whole=isinstance(default, int))
    except ValueError as error:
        kind = "a whole number" if isinstance(default, int) else "a number"
        raise ConfigError(f"{name} must be {kind}, not {raw!r}", hint=f"set in {origin}") from error


def _number(raw: object, *, whole: bool) -> float:
    number = math.nan if isinstance(raw, bool) else float(str(raw))
    if not math.isfinite(number) or (whole and number != int(number)):
        raise ValueError(raw)
    return int(number) if whole else number


def _check_shares(settings: Settings) -> None:
    for name in ("service_level_share", "max_slot_occupancy_share"):
        if not 0 < getattr(settings, name) <= 1:
            raise ConfigError(
                f"{name} must be above 0 and at most 1, not {getattr(settings, name)}",
                hint="write a share such as 0.8, not a percentage",
            )
    if not 0 <= settings.shrinkage_share < 1:
        raise ConfigError(f"shrinkage_share must be at least 0 and below 1, not {settings.shrinkage_share}")


def _check_positive(settings: Settings) -> None:
    for name in ("fcr_window_days", "concurrency_limit", "csat_scale", "reply_within_s", "active_recent_s"):
        if getattr(settings, name) <= 0:
            raise ConfigError(f"{name} must be above 0, not {getattr(settings, name)}")
    for name in ("service_level_within_s", "short_abandon_s", "agent_hourly_cost", "min_n"):
        if getattr(settings, name) < 0:
            raise ConfigError(f"{name} must not be negative, not {getattr(settings, name)}")


def _check_words(settings: Settings) -> None:
    zone(settings.timezone)
    if settings.currency and not is_currency(settings.currency):
        raise ConfigError(
            f"currency must be three capital letters, not '{settings.currency}'",
            hint="write the code of ISO 4217, such as EUR",
        )
    if settings.works_council not in _ON_OFF:
        raise ConfigError(f"works_council must be on or off, not '{settings.works_council}'")
    if settings.min_group < _SMALLEST_GROUP:
        raise ConfigError(f"min_group must be at least {_SMALLEST_GROUP}, not {settings.min_group}")
    measurable = set(ServiceLevelConvention) - {ServiceLevelConvention.VIRTUAL}
    known = sorted(convention.value for convention in measurable)
    if settings.service_level_convention not in known:
        raise ConfigError(
            f"unknown service_level_convention '{settings.service_level_convention}'",
            hint=did_you_mean(settings.service_level_convention, known),
        )
    if settings.retries not in _RETRIES:
        raise ConfigError(
            f"unknown value '{settings.retries}' of retries", hint=did_you_mean(settings.retries, _RETRIES)
        )
    if settings.forecast_model not in _FORECAST_MODELS:
        raise ConfigError(
            f"unknown forecast_model '{settings.forecast_model}'",
            hint=did_you_mean(settings.forecast_model, _FORECAST_MODELS),
        )
    if settings.keep_text not in _KEEP_TEXT:
        raise ConfigError(
            f"unknown keep_text '{settings.keep_text}'", hint=did_you_mean(settings.keep_text, _KEEP_TEXT)
        )
    if settings.business_hours:
        try:
            settings.opening_hours()
        except json.JSONDecodeError as error:
            example = f'{{"{WEEKDAYS[0]}-{WEEKDAYS[4]}": ["09:00", "17:00"]}}'
            raise ConfigError("business_hours is not JSON", hint=f"write {example}") from error
