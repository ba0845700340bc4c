"""Mappings: a TOML file that says how any other CSV or JSONL becomes a canonical table."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.calendars import zone
from staffcast.core.errors import ConfigError, SchemaError, did_you_mean
from staffcast.store.schema import CANONICAL_TABLES, Kind, Table, canonical_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from staffcast_pipelines.reading.raw import RawTable

__all__ = ["ColumnRule", "Mapping", "load_mapping", "packaged_mappings"]

_TOP_KEYS = (
    "table",
    "format",
    "delimiter",
    "encoding",
    "timezone",
    "reply_chain",
    "ignore",
    "columns",
    "constants",
)
_COLUMN_KEYS = ("from", "values", "time", "type")
_FORMATS = ("csv", "jsonl")
_TYPES = ("text", "integer_text")


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one canonical column is filled.

    Attributes:
        source: Column of the file.
        values: Replacements of its cells, compared without regard to case; other cells stay.
        time: ``iso``, ``epoch_s``, ``epoch_ms``, ``epoch_us``, ``epoch_ns``, or a strptime format.
        type: ``integer_text`` turns float text such as ``3.0`` into ``3``.
    """

    source: str
    values: dict[str, str] = field(default_factory=dict)
    time: str = "iso"
    type: str = "text"


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a file becomes a canonical table.

    Attributes:
        table: Canonical table.
        format: ``csv`` or ``jsonl``; None goes by the file name.
        delimiter: Separator of a CSV; None looks at the header.
        encoding: Encoding of the file; None is UTF-8.
        timezone: Zone of times without an offset; None refuses them.
        reply_chain: Canonical column that names the message replied to, where conversations
            are to be rebuilt from replies.
        ignore: Columns of the file to leave out; those not named anywhere are kept as extra.
        columns: Rules by canonical column. Without one, a column of the same name is taken.
        constants: Values for canonical columns that the file does not have.
    """

    table: str
    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    timezone: str | None = None
    reply_chain: str | None = None
    ignore: tuple[str, ...] = ()
    columns: dict[str, ColumnRule] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def source_columns(self) -> frozenset[str]:
        """Columns of the file that are read."""
        own = {column.name for column in canonical_table(self.table).columns}
        return frozenset(
            {rule.source for rule in self.columns.values()}
            | (own - self.columns.keys() - self.constants.keys())
        )

    @property
    def not_required(self) -> frozenset[str]:
        """Required columns that this mapping makes up for otherwise."""
        return frozenset({"conversation_id"} if self.reply_chain else ())

    @property
    def fingerprint(self) -> str:
        """Text that changes when the mapping does."""
        return json.dumps(
            {
                name: getattr(self, name)
                if name != "columns"
                else {
                    key: [rule.source, rule.values, rule.time, rule.type]
                    for key, rule in self.columns.items()
                }
                for name in _TOP_KEYS
            },
            sort_keys=True,
        )

    def rule(self, column: str) -> ColumnRule:
        """The rule that fills a canonical column."""
        return self.columns.get(column, ColumnRule(column))

    def check_columns(self, columns: tuple[str, ...], path: Path) -> None:
        """Refuse a file that lacks a column which this mapping names.

        Raises:
            SchemaError: It does.
        """
        for column, rule in self.columns.items():
            if rule.source not in columns:
                raise SchemaError(
                    f"the mapping fills {column} from '{rule.source}', which the file does not have",
                    path=path,
                    hint=did_you_mean(rule.source, columns),
                )

    def apply(self, raw: RawTable) -> pl.DataFrame:
        """Rename, replace and fill: the canonical columns as text, null where the file has none."""
        table = canonical_table(self.table)
        return raw.frame.select(self._filled(column.name, raw.frame.columns) for column in table.columns)

    @property
    def is_plain(self) -> bool:
        """The file has the canonical columns under their own names, and nothing is to be changed."""
        return self.fingerprint == Mapping(self.table).fingerprint

    def _filled(self, column: str, present: Iterable[str]) -> pl.Expr:
        if column in self.constants:
            return pl.lit(self.constants[column]).alias(column)
        rule = self.rule(column)
        if rule.source not in present or (column not in self.columns and column not in present):
            return pl.lit(None, dtype=pl.String).alias(column)
        cell = pl.col(rule.source)
        if rule.type == "integer_text":
            cell = cell.str.strip_chars().str.replace(r"^(-?\d+)\.0*$", "$1")
        if rule.values:
            folded = {key.casefold(): value for key, value in rule.values.items()}
            cell = cell.str.strip_chars().str.to_lowercase().replace_strict(folded, default=cell)
        return cell.alias(column)


def load_mapping(path: Path) -> Mapping:
    """Read a mapping.

    Raises:
        ConfigError: It is missing, no TOML, or names something unknown.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the mapping {path}", hint="check the path") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    return _parse(raw, path)


def packaged_mappings() -> dict[str, str]:
    """Text of the example mappings that come with staffcast, by name.

    Example:
        >>> "support_posts" in packaged_mappings()
        True
    """
    folder = resources.files("staffcast_pipelines") / "mappings"
    return {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }


def _parse(raw: dict[str, Any], path: Path) -> Mapping:
    _known(raw, _TOP_KEYS, f"{path}")
    name = _choice(raw, "table", [table.name for table in CANONICAL_TABLES], path)
    if name is None:
        raise ConfigError(f"{path}: 'table' is missing", hint='for example table = "messages"')
    table = canonical_table(name)
    names = [column.name for column in table.columns]
    columns, constants = _section(raw, "columns", path), _section(raw, "constants", path)
    _known(columns, names, f"{path}: [columns]")
    _known(constants, names, f"{path}: [constants]")
    both = sorted(columns.keys() & constants.keys())
    if both:
        raise ConfigError(f"{path}: {both[0]} is in [columns] and in [constants]", hint="keep one")
    timezone = _string(raw, "timezone", path)
    if timezone:
        zone(timezone)
    return Mapping(
        table=name,
        format=_choice(raw, "format", _FORMATS, path),
        delimiter=_string(raw, "delimiter", path),
        encoding=_string(raw, "encoding", path),
        timezone=timezone,
        reply_chain=_choice(raw, "reply_chain", ["reply_to"] if name == "messages" else [], path),
        ignore=tuple(str(column) for column in raw.get("ignore", ())),
        columns={column: _rule(table, column, rule, path) for column, rule in columns.items()},
        constants={column: _cell(value) for column, value in constants.items()},
    )


def _rule(table: Table, column: str, raw: object, path: Path) -> ColumnRule:
    where = f"{path}: [columns] {column}"
    if isinstance(raw, str):
        return ColumnRule(raw)
    if not isinstance(raw, dict) or not isinstance(raw.get("from"), str):
        raise ConfigError(f"{where} must name a column of the file", hint=f'{column} = "name in the file"')
    _known(raw, _COLUMN_KEYS, where)
    kind = next(known.kind for known in table.columns if known.name == column)
    if "time" in raw and kind is not Kind.TIME:
        raise ConfigError(f"{where} is not a time", hint="remove 'time'")
    values = _section(raw, "values", path)
    return ColumnRule(
        source=raw["from"],
        values={key: _cell(value) for key, value in values.items()},
        time=_time(str(raw.get("time", "iso")), where),
        type=_choice(raw, "type", _TYPES, path) or "text",
    )


def _time(text: str, where: str) -> str:
    known = ("iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
    if text not in known and "%" not in text:
        raise ConfigError(
            f"{where}: unknown time '{text}'", hint=f"{', '.join(known)} or a format such as %d.%m.%Y %H:%M"
        )
    return text


def _known(raw: dict[str, Any], known: Iterable[str], where: str) -> None:
    names = list(known)
    for key in raw:
        if key not in names:
            raise ConfigError(f"{where}: unknown key '{key}'", hint=did_you_mean(key, names))


def _section(raw: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    section = raw.get(key, {})
    if not isinstance(section, dict):
        raise ConfigError(f"{path}: '{key}' must be a table")
    return section


def _string(raw: dict[str, Any], key: str, path: Path) -> str | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"{path}: '{key}' must be a text")
    return value


def _choice(raw: dict[str, Any], key: str, known: Iterable[str], path: Path) -> str | None:
    value = _string(raw, key, path)
    names = list(known)
    if value is not None and value not in names:
        raise ConfigError(f"{path}: {key} = '{value}' is unknown", hint=did_you_mean(value, names))
    return value


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
