"""The canonical tables: the interchange format of the design, typed and keyed.

Each table also carries ``source``, ``source_account`` (whose workspace), ``extra`` (unknown columns as
JSON), ``row_hash`` and ``load_id``. An instant gives two columns: a naive-UTC ``<name>`` to read and an
integer ``<name>_us`` to compute with. People are stored under a keyed hash: a source's ``customer_id``
becomes ``customer_key``; names, emails and phones never become columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from staffcast.core.enums import EventType, Mode, SenderType

__all__ = ["CANONICAL_TABLES", "META_COLUMNS", "SCHEMA_VERSION", "Column", "Kind", "Table", "canonical_table"]

SCHEMA_VERSION = 2

META_COLUMNS: tuple[tuple[str, str], ...] = (
    ("source", "VARCHAR NOT NULL"),
    ("source_account", "VARCHAR NOT NULL"),
)
TAIL_COLUMNS: tuple[tuple[str, str], ...] = (
    ("extra", "VARCHAR"),
    ("row_hash", "BIGINT NOT NULL"),
    ("load_id", "BIGINT NOT NULL"),
)


class Kind(StrEnum):
    """How a cell of an export is read."""

    TEXT = "text"
    PROSE = "prose"
    """Free text: stored redacted."""
    BODY = "body"
    """Free text of a message: stored redacted, or not at all."""
    URL = "url"
    """An address: its query part is stored redacted."""
    TIME = "time"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    JSON = "json"
    PERSON = "person"
    """An identifier of a customer: stored as a keyed hash under ``customer_key``."""
    SENDER = "sender"
    """An identifier of whoever wrote: a customer's is stored as its ``customer_key``, others as agents."""
    AGENT = "agent"
    """An identifier of an agent: stored in clear, or as a keyed hash where agents are pseudonymised."""
    AGENT_NAME = "agent_name"
    """What an agent is called: not stored where agents are pseudonymised."""
    PRIVATE = "private"
    """Known of a person, used to link identities, never stored."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the interchange format.

    Attributes:
        name: Its name in a file.
        kind: How its cells are read.
        required: A row without it is quarantined, a file without it refused.
        choices: The allowed values, when they are few.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()

    @property
    def stored(self) -> tuple[tuple[str, str], ...]:
        """Name and SQL type of the warehouse columns that this one becomes."""
        match self.kind:
            case Kind.TIME:
                return ((self.name, "TIMESTAMP"), (f"{self.name}_us", "BIGINT"))
            case Kind.PERSON:
                return (("customer_key", "VARCHAR"),)
            case Kind.PRIVATE:
                return ()
            case Kind.BOOL:
                return ((self.name, "BOOLEAN"),)
            case Kind.INT:
                return ((self.name, "BIGINT"),)
            case Kind.FLOAT:
                return ((self.name, "DOUBLE"),)
            case _:
                return ((self.name, "VARCHAR"),)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the interchange format.

    Attributes:
        name: Its name as a file stem and in the warehouse.
        columns: Its columns.
        key: Stored columns that identify a row within a source account.
        newest_by: Stored columns whose larger value marks the newer of two versions of a row
            (nulls oldest); equal versions are settled by ``row_hash``, so order never matters.
        identity: Columns of a file whose content stands for the identifier where that is missing.
        one_of: Columns of a file of which a row must have at least one.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    newest_by: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    @property
    def stored_columns(self) -> tuple[tuple[str, str], ...]:
        """Name and SQL type of every warehouse column, in order."""
        own = tuple(pair for column in self.columns for pair in column.stored)
        return META_COLUMNS + own + TAIL_COLUMNS


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


_YES = True
_ID = Column("conversation_id", required=_YES)
_CUSTOMER = Column("customer_id", Kind.PERSON)

CANONICAL_TABLES: tuple[Table, ...] = (
    Table(
        "conversations",
        (
            _ID,
            Column("created_at", Kind.TIME, required=_YES),
            Column("closed_at", Kind.TIME),
            Column("status"),
            _CUSTOMER,
            *_text("account_id", "channel"),
            Column("mode", choices=tuple(Mode)),
            *_text("department", "queue", "language", "priority", "topic", "tags"),
            Column("initiated_by", choices=("customer", "agent", "proactive")),
            Column("page_url", Kind.URL),
            Column("referrer", Kind.URL),
            *_text("device", "country"),
            Column("bot_outcome", choices=("confirmed", "assumed", "none")),
            Column("bot_billed", Kind.BOOL),
            *_text("ticket_id", "parent_conversation_id"),
            Column("is_test", Kind.BOOL),
            Column("updated_at", Kind.TIME),
        ),
        key=("conversation_id",),
        newest_by=("updated_at_us", "closed_at_us"),
    ),
    Table(
        "messages",
        (
            Column("message_id"),
            _ID,
            Column("timestamp", Kind.TIME, required=_YES),
            Column("sender_type", required=_YES, choices=tuple(SenderType)),
            Column("sender_id", Kind.SENDER),
            Column("text", Kind.BODY),
            Column("is_canned", Kind.BOOL),
            Column("is_auto", Kind.BOOL),
            Column("visibility", choices=("public", "private")),
            Column("reply_to"),
        ),
        key=("message_id",),
        identity=("conversation_id", "reply_to", "timestamp", "sender_type", "sender_id", "text"),
    ),
    Table(
        "events",
        (
            Column("event_id"),
            _ID,
            Column("event_type", required=_YES, choices=tuple(EventType)),
            Column("timestamp", Kind.TIME, required=_YES),
            Column("agent_id", Kind.AGENT),
            *_text("queue", "to_queue", "to_channel"),
            Column("detail", Kind.PROSE),
        ),
        key=("event_id",),
        identity=(
            "conversation_id",
            "event_type",
            "timestamp",
            "agent_id",
            "queue",
            "to_queue",
            "to_channel",
            "detail",
        ),
    ),
    Table(
        "surveys",
        (
            Column("survey_id"),
            Column("conversation_id"),
            _CUSTOMER,
            Column("sent_at", Kind.TIME),
            Column("responded_at", Kind.TIME),
            Column("csat", Kind.FLOAT),
            Column("nps", Kind.FLOAT),
            Column("ces", Kind.FLOAT),
            Column("resolved", Kind.BOOL),
            Column("comment", Kind.PROSE),
        ),
        key=("survey_id",),
        newest_by=("responded_at_us",),
        identity=("conversation_id", "customer_id", "sent_at"),
        one_of=("conversation_id", "customer_id"),
    ),
    Table(
        "agents",
        (
            Column("agent_id", Kind.AGENT, required=_YES),
            Column("name", Kind.AGENT_NAME),
            Column("type", choices=("human", "bot")),
            *_text("team", "site", "timezone", "skills", "languages"),
            Column("max_concurrency", Kind.INT),
            Column("hourly_cost", Kind.FLOAT),
        ),
        key=("agent_id",),
    ),
    Table(
        "agent_status",
        (
            Column("agent_id", Kind.AGENT, required=_YES),
            Column("status", required=_YES),
            Column("started_at", Kind.TIME, required=_YES),
            Column("ended_at", Kind.TIME),
        ),
        key=("agent_id", "started_at_us"),
        newest_by=("ended_at_us",),
    ),
    Table(
        "schedules",
        (
            Column("agent_id", Kind.AGENT, required=_YES),
            Column("activity", required=_YES),
            Column("started_at", Kind.TIME, required=_YES),
            Column("ended_at", Kind.TIME, required=_YES),
            Column("paid", Kind.BOOL),
            Column("planned", Kind.BOOL),
        ),
        key=("agent_id", "started_at_us", "activity"),
        newest_by=("ended_at_us",),
    ),
    Table(
        "contacts",
        (
            Column("contact_id", required=_YES),
            Column("customer_id", Kind.PERSON, required=_YES),
            Column("channel", required=_YES),
            Column("created_at", Kind.TIME, required=_YES),
            Column("topic"),
            Column("handle_s", Kind.FLOAT),
            Column("cost", Kind.FLOAT),
        ),
        key=("contact_id",),
    ),
    Table(
        "customers",
        (
            Column("customer_id", Kind.PERSON, required=_YES),
            Column("account_id"),
            Column("name", Kind.PRIVATE),
            Column("email", Kind.PRIVATE),
            Column("phone", Kind.PRIVATE),
            *_text("segment", "tier", "language"),
        ),
        key=("customer_key",),
    ),
    Table(
        "accounts",
        (Column("account_id", required=_YES), *_text("plan", "size")),
        key=("account_id",),
    ),
    Table(
        "queues",
        (
            Column("queue", required=_YES),
            Column("timezone"),
            Column("hours", Kind.JSON),
            *_text("channels", "skills"),
            Column("max_concurrency", Kind.INT),
        ),
        key=("queue",),
    ),
    Table(
        "targets",
        (
            *_text("queue", "channel", "priority", "tier"),
            Column("metric", required=_YES),
            Column("within_s", Kind.FLOAT, required=_YES),
            Column("share", Kind.FLOAT, required=_YES),
            Column("clock", choices=("business", "calendar")),
            *_text("from_date", "to_date"),
        ),
        key=("queue", "channel", "priority", "tier", "metric", "from_date"),
    ),
    Table(
        "page_views",
        (
            Column("view_id"),
            _CUSTOMER,
            Column("viewed_at", Kind.TIME, required=_YES),
            Column("page_url", Kind.URL),
            Column("article"),
            Column("seconds", Kind.FLOAT),
            Column("helpful", Kind.BOOL),
            Column("device"),
        ),
        key=("view_id",),
        identity=("customer_id", "page_url", "viewed_at", "article"),
    ),
    Table(
        "bot_sessions",
        (
            Column("bot_session_id"),
            _ID,
            Column("bot_id"),
            Column("started_at", Kind.TIME),
            Column("turns", Kind.INT),
            Column("intent"),
            Column("confidence", Kind.FLOAT),
            Column("outcome"),
        ),
        key=("bot_session_id",),
        newest_by=("turns",),
        identity=("conversation_id", "started_at"),
    ),
    Table(
        "costs",
        (
            Column("channel", required=_YES),
            Column("kind"),
            Column("amount", Kind.FLOAT),
            Column("unit_price", Kind.FLOAT),
            Column("period_start", required=_YES),
            *_text("period_end", "currency"),
        ),
        key=("channel", "kind", "period_start"),
    ),
)

_BY_NAME = {table.name: table for table in CANONICAL_TABLES}


def canonical_table(name: str) -> Table:
    """Look up a canonical table by name.

    Example:
        >>> canonical_table("accounts").key
        ('account_id',)
    """
    return _BY_NAME[name]
