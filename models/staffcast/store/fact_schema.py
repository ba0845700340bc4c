"""What a fact table is made of: columns, dimensions, cohorts and their time labels."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CONVERSATION_DIMENSIONS",
    "CONVERSATION_KEY",
    "TIME_LABELS",
    "FactColumn",
    "FactTable",
    "columns",
    "labels",
]

TIME_LABELS: tuple[tuple[str, str], ...] = (
    ("date", "VARCHAR"),
    ("hour", "BIGINT"),
    ("weekday", "BIGINT"),
    ("week", "VARCHAR"),
    ("month", "VARCHAR"),
)

CONVERSATION_DIMENSIONS: tuple[str, ...] = (
    "source",
    "source_account",
    "channel",
    "mode",
    "department",
    "queue",
    "language",
    "priority",
    "topic",
    "tier",
    "segment",
    "account_id",
    "country",
    "device",
    "initiated_by",
    "bot_outcome",
)


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A column of a fact: its name, SQL type and meaning."""

    name: str
    type: str
    meaning: str


CONVERSATION_KEY = FactColumn("conversation_key", "VARCHAR", "source/account/id of the conversation")


@dataclass(frozen=True, slots=True)
class FactTable:
    """A fact table.

    Attributes:
        name: Table name.
        grain: What one row is.
        cohorts: Cohorts whose time labels the table carries.
        dimensions: Columns that results may be grouped or filtered by, beside the time labels.
        columns: All other columns, in order.
        cluster: Column whose rows resemble one another, as the turns of one conversation do: intervals of
            shares have to know. Empty where rows stand alone.
    """

    name: str
    grain: str
    cohorts: tuple[str, ...]
    dimensions: tuple[str, ...]
    columns: tuple[FactColumn, ...]
    cluster: str = ""

    @property
    def all_columns(self) -> tuple[tuple[str, str], ...]:
        """Name and SQL type of every column in table order: own columns, dimensions, labels."""
        own = tuple((column.name, column.type) for column in self.columns)
        own_names = {name for name, _ in own}
        dimensions = tuple((name, "VARCHAR") for name in self.dimensions if name not in own_names)
        return own + dimensions + tuple(pair for cohort in self.cohorts for pair in labels(cohort))


def labels(cohort: str) -> tuple[tuple[str, str], ...]:
    """Name and SQL type of the time labels of a cohort.

    Example:
        >>> labels("start")[0]
        ('start_date', 'VARCHAR')
    """
    return tuple((f"{cohort}_{name}", sql_type) for name, sql_type in TIME_LABELS)


def columns(sql_type: str, **meanings: str) -> tuple[FactColumn, ...]:
    """Several columns of one type, by name and meaning.

    Example:
        >>> columns("BIGINT", n_legs="agent legs")[0].name
        'n_legs'
    """
    return tuple(FactColumn(name, sql_type, meaning) for name, meaning in meanings.items())
