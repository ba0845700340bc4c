"""The files of the traffic: conversations, messages, events, surveys, bot sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from staffcast_sample_data import layout as z
from staffcast_sample_data.frames import labels, numbered, optional, utc_text
from staffcast_sample_data.parameters import LANGUAGES

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Ints, Tables
    from staffcast_sample_data.surveys import Surveys
    from staffcast_sample_data.world import World

OUTREACH_TOPIC = "account_review"
TEST_TOPIC = "widget_test"
PRIORITIES = ("urgent", "high", "normal")
LIVE_CHANNELS = ("web", "app")
MESSAGING_CHANNELS = ("whatsapp", "web", "app")
DEVICES = ("desktop", "mobile", "tablet")
COUNTRIES = ("GB", "IE", "NL", "US", "DE", "AT", "CH")
COUNTRY_SHARES = ((0.46, 0.2, 0.16, 0.14, 0.04, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0, 0.78, 0.12, 0.1))
REFERRERS = ("", "https://search.example.com/", "https://news.example.com/", "https://mail.example.com/")
PAGES = {"sales": "products", "support": "help", "billing": "account/invoices"}


@dataclass(frozen=True)
class Numbering:
    """Conversations as exported: those that began within the period, in order of time.

    Attributes:
        codes: Conversation codes in the order of the file.
        position: Position in the file per code, -1 if not exported.
    """

    codes: Ints
    position: Ints


def number_conversations(tables: Tables) -> Numbering:
    """Order of the conversations in the file."""
    c = tables.conversation
    exported = np.flatnonzero((c[:, z.C_STATE] >= 0) & (c[:, z.C_STATE] != z.S_DROPPED))
    codes = exported[np.argsort(c[exported, z.C_CREATED], kind="stable")]
    position = np.full(len(c), -1, dtype=np.int64)
    position[codes] = np.arange(len(codes))
    return Numbering(codes, position)


def conversation_ids(numbering: Numbering, codes: Ints) -> pl.Series:
    """Exported ids of conversation codes."""
    return numbered("c", np.where(codes >= 0, numbering.position[codes] + 1, -1), 6)


def topic_labels(world: World, conversation: Ints) -> pl.Series:
    """Topics of conversation rows; outreach and test chats have topics of their own."""
    names = [topic.name for topic in world.parameters.topics]
    code = conversation[:, z.C_TOPIC].copy()
    code[conversation[:, z.C_KIND] == z.K_OUTBOUND] = len(names)
    code[conversation[:, z.C_KIND] == z.K_TEST] = len(names) + 1
    return labels(code, [*names, OUTREACH_TOPIC, TEST_TOPIC])


def conversations_frame(
    world: World, tables: Tables, numbering: Numbering, rng: np.random.Generator
) -> pl.DataFrame:
    """conversations.csv."""
    c = tables.conversation[numbering.codes]
    n = len(c)
    department = c[:, z.C_QUEUE0] // len(LANGUAGES)
    language = c[:, z.C_QUEUE0] % len(LANGUAGES)
    names = [d.name for d in world.parameters.departments]
    known_parent = np.where(rng.random(n) < 0.4, c[:, z.C_PARENT], -1)
    account = np.where(c[:, z.C_CUSTOMER] >= 0, world.customers.account[c[:, z.C_CUSTOMER]], -1)
    topics = topic_labels(world, c)
    return pl.DataFrame(
        {
            "conversation_id": conversation_ids(numbering, numbering.codes),
            "created_at": utc_text(c[:, z.C_CREATED]),
            "closed_at": utc_text(c[:, z.C_CLOSED]),
            "status": labels(_status(c), ("open", "closed", "abandoned")),
            "customer_id": numbered("u", c[:, z.C_CUSTOMER], 5),
            "account_id": numbered("b", account, 4),
            "channel": _channels(c, rng),
            "mode": labels(c[:, z.C_MODE], ("live", "messaging")),
            "department": labels(department, names),
            "queue": labels(
                np.where(c[:, z.C_FIRST_QUEUED] >= 0, c[:, z.C_QUEUE0], -1), world.parameters.queues
            ),
            "language": labels(language, LANGUAGES),
            "priority": labels(c[:, z.C_PRIORITY], PRIORITIES),
            "topic": topics,
            "tags": _tags(c, account),
            "initiated_by": labels((c[:, z.C_KIND] == z.K_OUTBOUND).astype(np.int64), ("customer", "agent")),
            "page_url": _page_urls(department, names, topics),
            "referrer": labels(rng.choice(len(REFERRERS), n, p=(0.5, 0.3, 0.1, 0.1)), REFERRERS),
            "device": labels(rng.choice(len(DEVICES), n, p=(0.5, 0.44, 0.06)), DEVICES),
            "country": _countries(language, rng),
            "bot_outcome": labels(np.maximum(c[:, z.C_OUTCOME], 0), z.OUTCOMES),
            "bot_billed": np.isin(c[:, z.C_OUTCOME], (z.CONFIRMED, z.ASSUMED)),
            "ticket_id": numbered("t", np.where(c[:, z.C_ESCALATED] == z.EMAIL, np.arange(n), -1), 6),
            "parent_conversation_id": conversation_ids(numbering, known_parent),
            "is_test": c[:, z.C_KIND] == z.K_TEST,
        }
    )


def _status(c: Ints) -> Ints:
    closed = c[:, z.C_CLOSED] >= 0
    return np.where(closed & (c[:, z.C_ABANDONED] >= 0), 2, closed).astype(np.int64)


def _channels(c: Ints, rng: np.random.Generator) -> pl.Series:
    live = rng.choice(2, len(c), p=(0.7, 0.3))
    messaging = rng.choice(3, len(c), p=(0.5, 0.2, 0.3))
    code = np.where(c[:, z.C_MODE] == z.MESSAGING, 2 + messaging, live)
    return labels(code, LIVE_CHANNELS + MESSAGING_CHANNELS)


def _tags(c: Ints, account: Ints) -> pl.Series:
    flags = pl.DataFrame(
        {
            "b2b": account >= 0,
            "transferred": c[:, z.C_TRANSFERS] > 0,
            "escalated": c[:, z.C_ESCALATED] > 0,
            "reopened": c[:, z.C_REOPENS] > 0,
        }
    )
    words = [pl.when(pl.col(name)).then(pl.lit(name)) for name in flags.columns]
    joined = pl.concat_str(words, separator=";", ignore_nulls=True)
    return flags.select(pl.when(joined != "").then(joined).alias("tags")).to_series()


def _page_urls(department: Ints, names: list[str], topics: pl.Series) -> pl.Series:
    section = labels(department, [PAGES[name] for name in names])
    return "https://www.example.com/" + section + "/" + topics.str.replace_all("_", "-")


def _countries(language: Ints, rng: np.random.Generator) -> pl.Series:
    draws = rng.random(len(language))
    cumulative = np.cumsum(np.array(COUNTRY_SHARES), axis=1)
    code = (draws[:, None] >= cumulative[language]).sum(axis=1)
    return labels(np.minimum(code, len(COUNTRIES) - 1), COUNTRIES)


def messages_frame(tables: Tables, numbering: Numbering, texts: list[str]) -> pl.DataFrame:
    """messages.csv; the texts belong to the rows of `tables.message`."""
    m = tables.message
    sender = m[:, z.M_SENDER]
    customer = tables.conversation[m[:, z.M_CONV], z.C_CUSTOMER]
    people = labels(np.where(sender == z.BOT, 0, np.where(sender == z.SYSTEM, 1, -1)), ("bot-1", "system"))
    frame = pl.DataFrame(
        {
            "conversation_id": conversation_ids(numbering, m[:, z.M_CONV]),
            "timestamp": utc_text(m[:, z.M_AT]),
            "sender_type": labels(sender, z.SENDERS),
            "sender_id": pl.select(
                pl.coalesce(
                    numbered("u", np.where(sender == z.CUSTOMER, customer, -1), 5),
                    numbered("a", np.where(sender == z.AGENT, m[:, z.M_AGENT] + 1, -1), 3),
                    people,
                )
            ).to_series(),
            "text": texts,
            "is_canned": (m[:, z.M_FLAGS] & z.F_CANNED) > 0,
            "is_auto": (m[:, z.M_FLAGS] & z.F_AUTO) > 0,
            "visibility": labels((m[:, z.M_FLAGS] & z.F_PRIVATE) // z.F_PRIVATE, ("public", "private")),
            "reply_to": _reply_to(tables),
        }
    )
    return frame.insert_column(0, numbered("m", np.arange(1, len(m) + 1), 7).alias("message_id"))


def _reply_to(tables: Tables) -> pl.Series:
    """In messaging threads a human answer quotes the message before it, if that is the customer's."""
    m = tables.message
    order = np.lexsort((np.arange(len(m)), m[:, z.M_AT], m[:, z.M_CONV]))
    before = np.roll(order, 1)
    same = m[order, z.M_CONV] == m[before, z.M_CONV]
    quotes = (
        same
        & (m[order, z.M_SENDER] == z.AGENT)
        & (m[order, z.M_FLAGS] == 0)
        & (m[before, z.M_SENDER] == z.CUSTOMER)
        & (tables.conversation[m[order, z.M_CONV], z.C_MODE] == z.MESSAGING)
    )
    target = np.full(len(m), -1, dtype=np.int64)
    target[order] = np.where(quotes, before + 1, -1)
    return numbered("m", target, 7)


def events_frame(world: World, tables: Tables, numbering: Numbering, surveys: Surveys) -> pl.DataFrame:
    """events.csv, in order of time and of the vocabulary."""
    e = np.concatenate([tables.event, _survey_events(tables, surveys)])
    e = e[np.lexsort((numbering.position[e[:, z.E_CONV]], e[:, z.E_TYPE], e[:, z.E_AT]))]
    has_queue = np.isin(
        e[:, z.E_TYPE], (z.CREATED, z.BOT_HANDOFF, z.SURVEY_SENT, z.REOPENED), invert=True
    ) & (tables.conversation[e[:, z.E_CONV], z.C_FIRST_QUEUED] >= 0)
    return pl.DataFrame(
        {
            "event_id": numbered("e", np.arange(1, len(e) + 1), 7),
            "conversation_id": conversation_ids(numbering, e[:, z.E_CONV]),
            "event_type": labels(e[:, z.E_TYPE], z.EVENT_TYPES),
            "timestamp": utc_text(e[:, z.E_AT]),
            "agent_id": numbered("a", np.where(e[:, z.E_AGENT] >= 0, e[:, z.E_AGENT] + 1, -1), 3),
            "queue": labels(np.where(has_queue, e[:, z.E_QUEUE], -1), world.parameters.queues),
            "to_queue": labels(e[:, z.E_TO_QUEUE], world.parameters.queues),
            "to_channel": labels(e[:, z.E_TO_CHANNEL], z.CHANNELS),
            "detail": labels(e[:, z.E_DETAIL], z.DETAILS),
        }
    )


def _survey_events(tables: Tables, surveys: Surveys) -> Ints:
    rows = np.zeros((len(surveys.sent_ms), z.N_EVENT), dtype=np.int64)
    rows[:, z.E_CONV] = surveys.conversation
    rows[:, z.E_AT] = surveys.sent_ms
    rows[:, z.E_TYPE] = z.SURVEY_SENT
    rows[:, z.E_AGENT] = -1
    rows[:, z.E_QUEUE] = tables.conversation[surveys.conversation, z.C_QUEUE]
    rows[:, z.E_TO_QUEUE] = -1
    return rows


def surveys_frame(numbering: Numbering, surveys: Surveys, comments: list[str | None]) -> pl.DataFrame:
    """surveys.csv."""
    return pl.DataFrame(
        {
            "survey_id": numbered("s", np.arange(1, len(surveys.sent_ms) + 1), 6),
            "conversation_id": conversation_ids(numbering, surveys.conversation),
            "sent_at": utc_text(surveys.sent_ms),
            "responded_at": utc_text(surveys.answered_ms),
            "csat": optional(surveys.csat),
            "nps": optional(surveys.nps),
            "ces": optional(surveys.ces),
            "resolved": labels(surveys.resolved, ("no", "yes")),
            "comment": pl.Series(comments, dtype=pl.String),
        }
    )


def bot_sessions_frame(
    world: World, tables: Tables, numbering: Numbering, rng: np.random.Generator
) -> pl.DataFrame:
    """bot_sessions.csv: one row for each conversation that began with the bot."""
    codes = numbering.codes[tables.conversation[numbering.codes, z.C_BOT] > 0]
    c = tables.conversation[codes]
    contained = (c[:, z.C_FIRST_QUEUED] < 0) & (c[:, z.C_CLOSED] >= 0)
    outcome = np.where(contained, c[:, z.C_OUTCOME] - 1, np.where(c[:, z.C_CLOSED] >= 0, 3, 4))
    outcome = np.where(c[:, z.C_FIRST_QUEUED] >= 0, 3, outcome)
    understood = np.where(np.isin(c[:, z.C_OUTCOME], (z.CONFIRMED, z.ASSUMED)), 0.82, 0.55)
    return pl.DataFrame(
        {
            "bot_session_id": numbered("r", np.arange(1, len(c) + 1), 6),
            "conversation_id": conversation_ids(numbering, codes),
            "bot_id": ["bot-1"] * len(c),
            "started_at": utc_text(c[:, z.C_CREATED]),
            "turns": c[:, z.C_BOT_TURNS],
            "intent": topic_labels(world, c),
            "confidence": np.round(np.clip(rng.normal(understood, 0.12), 0.05, 0.99), 3),
            "outcome": labels(outcome, ("confirmed", "assumed", "fallback_only", "handed_over", "running")),
        }
    )
