"""The conversations that a vendor counts otherwise, each with the likely reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from staffcast.core.errors import ConfigError, MetricError
from staffcast.core.units import US_PER_S
from staffcast.metrics import Kind, explain
from staffcast.metrics.population import USED
from staffcast.reports.candidates import Subject, candidates
from staffcast.reports.reconciliation import in_unit
from staffcast.reports.vendor_file import VendorValue
from staffcast.reports.wording import format_change, format_value
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from staffcast.core.config import Settings
    from staffcast.reports.candidates import Candidate
    from staffcast.reports.named_periods import Days
    from staffcast.store.generations import Reader

__all__ = [
    "AGREEMENT_SCHEMA", "DISAGREEMENT_SCHEMA", "Disagreements", "agreement_table", "conversations_table",
    "disagreements",
]  # fmt: skip

AGREEMENT_SCHEMA = pl.Schema(
    {
        "metric": pl.String,
        "counted": pl.String,
        "is_own": pl.Boolean,
        "n_same": pl.Int64,
        "n_differ": pl.Int64,
        "n_only_vendor": pl.Int64,
        "n_only_ours": pl.Int64,
        "same_share": pl.Float64,
    }
)
"""A row for each way to count, the one that agrees on most conversations first."""

DISAGREEMENT_SCHEMA = pl.Schema(
    {
        "conversation_id": pl.String,
        "vendor": pl.Float64,
        "value": pl.Float64,
        "difference": pl.Float64,
        "reason": pl.String,
        "counted": pl.String,
    }
)
"""A row for each conversation that differs from our own definition; ``counted`` is the way that agrees."""

_OFF_SCALE = "off_scale"
"""Reason for which our own ratings are left out."""

_REASONS: Mapping[tuple[str, str], str] = {
    ("from", "start"): "bot time",
    ("from", "handoff"): "bot time",
    ("from", "accept"): "queue time",
    ("until", "first"): "reopen",
    ("until", "last"): "reopen",
}
"""What a changed option means for one conversation, where its name alone does not say."""

_BY_OPTION: Mapping[str, str] = {"clock": "business hours", "short_s": "short abandonment"}
_BY_METRIC: Mapping[str, str] = {
    "first_bot_response": "bot time",
    "bot_resolution_time": "bot alone",
    "queue_wait": "time to accept, not to reply",
    "pickup_to_reply": "queue time",
    "handle_time": "handle time, not age",
    "engaged_time": "handle time, not age",
}


@dataclass(frozen=True)
class Disagreements:
    """How a vendor's list compares with ours.

    Attributes:
        agreement: A frame of ``AGREEMENT_SCHEMA``.
        conversations: A frame of ``DISAGREEMENT_SCHEMA``.
        unit: Of the values.
    """

    agreement: pl.DataFrame
    conversations: pl.DataFrame
    unit: str


@dataclass(frozen=True)
class _Way:
    """A way to count with what it gives for each conversation, by id: status and value."""

    candidate: Candidate
    statuses: Mapping[str, str]
    values: Mapping[str, float]

    def agrees(self, key: str, vendor: VendorValue | None) -> bool:
        """Whether the vendor's value is the one of this way; a bare id agrees if it counts at all."""
        if key not in self.values:
            return False
        return vendor is None or vendor.matches(self.values[key])


@dataclass(frozen=True)
class _Asked:
    """A vendor's list, ways to count it, our own first, and what happened in each conversation."""

    subject: Subject
    vendor: Mapping[str, VendorValue | None]
    ways: Sequence[_Way]
    traits: Mapping[str, Mapping[str, Any]]
    period: Days


def disagreements(
    reader: Reader,
    settings: Settings,
    subject: Subject,
    vendor: Mapping[str, VendorValue | None],
    *,
    period: Days,
    where: Mapping[str, str | list[str]] | None = None,
    options: Mapping[str, object] | None = None,
) -> Disagreements:
    """Compare a vendor's list with ours, conversation by conversation.

    Args:
        reader: A published generation.
        settings: Defaults of the options, and the lowest rating that counts as satisfied.
        subject: What is reconciled.
        vendor: Value by conversation id, None where only the id is given.
        period: First day and the day after the last.
        where: Value or values that a dimension must have.
        options: Beats the settings, and is not varied.

    Raises:
        MetricError: The works-council profile holds: it lists no conversations.
        ConfigError: No id of the list is in the data.
    """
    if reader.min_group:
        raise MetricError(
            "the works-council profile lists no conversations", hint="reconcile a total instead"
        )
    traits = reader.run(sql_text(__package__, "conversation_traits"))
    listed = traits.filter(pl.col("conversation_id").is_in(list(vendor)))
    _require_known(listed, where or {})
    ways = [
        _way(reader, candidate, traits, period, where or {})
        for candidate in _row_level(candidates(subject, settings, options))
    ]
    unit = ways[0].candidate.metric.unit
    read = {key: _read(value, subject, settings, unit) for key, value in vendor.items()}
    ours = traits.filter(pl.col("conversation_id").is_in(list(ways[0].values)))
    known = {row["conversation_id"]: row for row in (*ours.to_dicts(), *listed.to_dicts())}
    asked = _Asked(subject, read, ways, known, period)
    rows = sorted(_differing(asked), key=lambda row: (row["reason"], row["conversation_id"]))
    return Disagreements(_agreement(read, ways), pl.DataFrame(rows, schema=DISAGREEMENT_SCHEMA), unit)


def _require_known(listed: pl.DataFrame, where: Mapping[str, object]) -> None:
    """The vendor's ids must be ours, and of one source: an id is unique within its source only."""
    if listed.is_empty():
        raise ConfigError(
            "no conversation of the file is in the data", hint="is its id column the vendor's chat id?"
        )
    n_doubled = listed.height - listed["conversation_id"].n_unique()
    if n_doubled and not {"source", "source_account"} & set(where):
        raise ConfigError(
            f"{n_doubled} conversation ids of the file occur in several sources",
            hint="say which: --where source=NAME",
        )


def _row_level(ways: Sequence[Candidate]) -> Iterator[Candidate]:
    """One way for each value that a conversation may get: its statistics do not matter."""
    seen = set()
    for way in ways:
        key = (way.metric.family, way.words)
        if key not in seen and way.metric.fact in ("fact_conversation", "fact_survey"):
            seen.add(key)
            yield way


def _way(
    reader: Reader,
    way: Candidate,
    traits: pl.DataFrame,
    period: Days,
    where: Mapping[str, str | list[str]],
) -> _Way:
    rows = explain(
        way.metric.id, where=where, period=period, clock=way.clock, options=way.options, reader=reader
    ).rows
    if rows is None or "conversation_key" not in rows.columns:
        raise MetricError(f"{way.metric.id} has no rows by conversation")
    is_count = way.metric.kind is Kind.COUNT
    named = rows.join(traits.select("conversation_key", "conversation_id"), on="conversation_key")
    statuses, values = {}, {}
    for key, status, value in named.select("conversation_id", "row_status", "row_value").iter_rows():
        statuses[key] = status
        if status == USED and (value or not is_count):
            values[key] = float(value) / way.metric.divisor
    return _Way(way, statuses, values)


def _read(value: VendorValue | None, subject: Subject, settings: Settings, unit: str) -> VendorValue | None:
    """The vendor's value as ours are written: a rating becomes satisfied or not, a volume a bare id."""
    if value is None or subject is Subject.VOLUME:
        return None
    if subject is Subject.CSAT and value.value > settings.csat_scale:
        return value
    if subject is Subject.CSAT and value.value > 1:
        return VendorValue(float(value.value >= settings.csat_positive_min), 0.0)
    return in_unit(value, unit)


def _agreement(vendor: Mapping[str, VendorValue | None], ways: Sequence[_Way]) -> pl.DataFrame:
    rows = []
    for number, way in enumerate(ways):
        both = vendor.keys() & way.values.keys()
        n_same = sum(way.agrees(key, vendor[key]) for key in both)
        n_all = len(vendor.keys() | way.values.keys())
        rows.append(
            {
                "metric": way.candidate.metric.id,
                "counted": way.candidate.words,
                "is_own": number == 0,
                "n_same": n_same,
                "n_differ": len(both) - n_same,
                "n_only_vendor": len(vendor.keys() - both),
                "n_only_ours": len(way.values.keys() - both),
                "same_share": n_same / n_all if n_all else None,
            }
        )
    frame = pl.DataFrame(rows, schema=AGREEMENT_SCHEMA)
    return frame.sort("same_share", descending=True, nulls_last=True, maintain_order=True)


def _differing(asked: _Asked) -> Iterator[dict[str, Any]]:
    own = asked.ways[0]
    for key in asked.vendor.keys() | own.values.keys():
        theirs, ours = asked.vendor.get(key), own.values.get(key)
        if key in asked.vendor and own.agrees(key, theirs):
            continue
        reason, counted = _reason(key, asked)
        value = None if theirs is None else theirs.value
        yield {
            "conversation_id": key,
            "vendor": value,
            "value": ours,
            "difference": None if value is None or ours is None or reason == "off scale" else ours - value,
            "reason": reason,
            "counted": counted,
        }


def _reason(key: str, asked: _Asked) -> tuple[str, str]:
    """Why a conversation differs, and the way to count that agrees with the vendor, if one does."""
    trait, own = asked.traits.get(key), asked.ways[0]
    if trait is None:
        return "not in the data", ""
    if key not in asked.vendor:
        return _why_left_out(trait), ""
    if _is_off_scale(asked.subject, asked.vendor[key]) or own.statuses.get(key) == _OFF_SCALE:
        return "off scale", ""
    # A bare id agrees with many counts: what the conversation is says more.
    for way in asked.ways[1:] if asked.subject is not Subject.VOLUME else ():
        if way.agrees(key, asked.vendor[key]):
            return _meaning(way.candidate), f"{way.candidate.metric.id} {way.candidate.words}".strip()
    status = own.statuses.get(key)
    if status is None:
        return _why_not_ours(trait, asked.period), ""
    if status != USED:
        return status.replace("_", " "), ""
    return _likely(asked.subject, asked.vendor[key], own.values[key], trait), ""


def _is_off_scale(subject: Subject, value: VendorValue | None) -> bool:
    """A rating beyond the scale stays as it is; the others are read as satisfied or not."""
    return subject is Subject.CSAT and value is not None and value.value > 1


def _meaning(way: Candidate) -> str:
    """The reason behind a way to count: what it changes first, else which metric it is."""
    for option, value in way.changes:
        if (option, value) in _REASONS:
            return _REASONS[option, str(value)]
        return _BY_OPTION.get(option, option.replace("_", " "))
    return _BY_METRIC.get(way.metric.family, way.metric.label)


def _why_left_out(trait: Mapping[str, Any]) -> str:
    """Why the vendor may leave out what we count."""
    for name, words in (
        ("is_contained", "bot alone"), ("is_abandoned", "abandoned"), ("n_reopens", "reopen"),
    ):  # fmt: skip
        if trait[name]:
            return f"not at the vendor: {words}"
    return "not at the vendor"


def _why_not_ours(trait: Mapping[str, Any], period: Days) -> str:
    """Why we leave out what the vendor counts."""
    if trait["is_test"]:
        return "test"
    if not trait["is_inbound"]:
        return "opened by an agent"
    if not period[0].isoformat() <= trait["start_date"] < period[1].isoformat():
        return "another day"
    if not trait["is_offered"]:
        return "bot alone" if trait["is_bot_involved"] else "never queued"
    return "not counted here"


def _likely(subject: Subject, vendor: VendorValue | None, ours: float, trait: Mapping[str, Any]) -> str:
    """A guess where no way to count agrees: from what happened in the conversation."""
    if trait["n_reopens"]:
        return "reopen"
    if vendor is None or subject is not Subject.FIRST_RESPONSE:
        return "other"
    if vendor.value < ours:
        return "automatic message"
    with_bot_s = ours + (trait["before_queue_us"] or 0) / US_PER_S
    return (
        "bot time" if trait["is_bot_involved"] and vendor.value <= with_bot_s + vendor.tolerance else "other"
    )


def agreement_table(found: Disagreements) -> pl.DataFrame:
    """How well each way to count agrees, in words.

    Returns:
        Columns metric, counted, same, differ, only at vendor, only here, agreement.
    """
    return found.agreement.select(
        "metric",
        pl.when(pl.col("counted") == "").then(pl.lit("as it stands")).otherwise("counted").alias("counted"),
        pl.col("n_same").alias("same"),
        pl.col("n_differ").alias("differ"),
        pl.col("n_only_vendor").alias("only at vendor"),
        pl.col("n_only_ours").alias("only here"),
        pl.Series("agreement", [format_value(share, "share") for share in found.agreement["same_share"]]),
        pl.when(pl.col("is_own")).then(pl.lit("ours")).otherwise(pl.lit("")).alias("note"),
    )


def _shown(value: float | None, unit: str) -> str:
    """The vendor's value; a rating off the scale is no share."""
    return f"{value:g}" if value is not None and unit == "share" and value > 1 else format_value(value, unit)


def conversations_table(found: Disagreements) -> pl.DataFrame:
    """The differing conversations in words, with the columns of ``DISAGREEMENT_SCHEMA``."""
    rows = [
        row
        | {"vendor": _shown(row["vendor"], found.unit), "value": format_value(row["value"], found.unit)}
        | {"difference": format_change(row["difference"], found.unit)}
        for row in found.conversations.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(DISAGREEMENT_SCHEMA, pl.String), orient="row")
