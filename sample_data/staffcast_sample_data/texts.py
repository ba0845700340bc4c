"""Texts of messages and survey comments, in line with topic, language and speaker."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from staffcast_sample_data import layout as z
from staffcast_sample_data.parameters import LANGUAGES
from staffcast_sample_data.people_files import FIRST_NAMES, person_name, phone_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from staffcast_sample_data.layout import Tables
    from staffcast_sample_data.surveys import Surveys
    from staffcast_sample_data.world import World

PRODUCTS = (
    (
        "Nordlicht router",
        "Nordlicht mesh kit",
        "Kiesel speaker",
        "Falke headset",
        "Lupe camera",
        "Anker dock",
    ),
    (
        "Router Nordlicht",
        "Mesh-Set Nordlicht",
        "Lautsprecher Kiesel",
        "Headset Falke",
        "Kamera Lupe",
        "Dock Anker",
    ),
)
TEAMS = (
    {"sales": "Sales", "support": "Support", "billing": "Billing"},
    {"sales": "Verkauf", "support": "Support", "billing": "Rechnung"},
)
WEEKDAYS = (
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
)
COMMENT_SHARE = 0.3
PLEASED_MIN = 4
CASUAL_SHARE = 0.22
SPEAKERS = ("customer", "bot", "system", "agent")


@cache
def phrases(language: str) -> dict[str, Any]:
    """Phrases of a language, by speaker and topic."""
    text = files("staffcast_sample_data").joinpath(f"phrases_{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def templates(language: str, topic: str, kind: int) -> tuple[str, ...]:
    """All ways to say a kind of message on a topic.

    Example:
        >>> templates("de", "warranty", z.W_BOT_ANSWER)[0][:12]
        'Die Garantie'
    """
    words = phrases(language)
    customer, agent, issue = words["customer"], words["agent"], words["topic"][topic]
    if kind == z.W_OPENER:
        greetings = ("", *(f"{hello}! " for hello in customer["hello"]))
        return tuple(
            f"{greetings[(i * 3 + j) % len(greetings)]}{opener} {closing}".strip()
            for i, opener in enumerate(issue["opener"])
            for j, closing in enumerate(customer["closing"])
        )
    if kind == z.W_FOLLOW_UP:
        return _interleaved(issue["detail"], customer["follow_up"])
    if kind == z.W_BOT_ANSWER:
        return (issue["bot"],)
    if kind == z.W_ANSWER:
        return _interleaved(issue["answer"], agent["question"])
    if kind == z.W_FINAL:
        return tuple(f"{answer} {ending}" for ending in agent["ending"] for answer in issue["answer"])
    if kind == z.W_FIRST_REPLY:
        return tuple(
            f"{hello} {question}" for question in agent["question"] for hello in agent["first_reply"]
        )
    name = z.MESSAGE_KINDS[kind]
    return next(tuple(words[speaker][name]) for speaker in SPEAKERS if name in words[speaker])


def _interleaved(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """Alternate two lists, the shorter one again and again."""
    n = max(len(first), len(second))
    return tuple(text for i in range(n) for text in (first[i % len(first)], second[i % len(second)]))


def write_texts(world: World, tables: Tables, rng: np.random.Generator) -> list[str]:
    """One text for each message row.

    Within a conversation a kind of message goes through its phrases one after the other from a random start,
    so that nobody says the same thing twice in a row.
    """
    c = tables.conversation
    topics = [topic.name for topic in world.parameters.topics]
    start = rng.integers(0, 10_000, size=len(c)).tolist()
    casual = (rng.random(len(c)) < CASUAL_SHARE).tolist()
    slots = _slots(world, tables, rng)
    language = (c[:, z.C_QUEUE0] % len(LANGUAGES)).tolist()
    topic_of = c[:, z.C_TOPIC].tolist()
    again = (c[:, z.C_PARENT] >= 0).tolist()
    ordinal = _ordinals(tables.message).tolist()
    m = tables.message
    texts = []
    rows = zip(
        m[:, z.M_CONV].tolist(), m[:, z.M_KIND].tolist(), m[:, z.M_SENDER].tolist(), ordinal, strict=True
    )
    for code, kind, sender, number in rows:
        choices = templates(LANGUAGES[language[code]], topics[topic_of[code]], kind)
        text = choices[(start[code] + number) % len(choices)].format_map(slots[code])
        if kind == z.W_OPENER and again[code]:
            reminders = phrases(LANGUAGES[language[code]])["customer"]["again"]
            text = f"{text} {reminders[start[code] % len(reminders)]}"
        if sender == z.CUSTOMER and casual[code]:
            text = text.removesuffix(".").lower()
        texts.append(text)
    return texts


def _ordinals(message: z.Ints) -> z.Ints:
    """How many messages of the same kind came before in the same conversation."""
    key = message[:, z.M_CONV] * len(z.MESSAGE_KINDS) + message[:, z.M_KIND]
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    first = np.searchsorted(ordered, ordered, side="left")
    ordinals = np.empty(len(key), dtype=np.int64)
    ordinals[order] = np.arange(len(key)) - first
    return ordinals


def _slots(world: World, tables: Tables, rng: np.random.Generator) -> list[dict[str, str]]:
    """What fills the gaps of a conversation's phrases: invented numbers, products, names."""
    c = tables.conversation
    n = len(c)
    order, number = rng.integers(100_000, 999_999, n).tolist(), rng.integers(3, 48, n).tolist()
    cents, product = rng.integers(590, 48_900, n).tolist(), rng.integers(0, 30, n).tolist()
    guest = rng.integers(0, 10_000, n).tolist()
    topics = [topic.name.replace("_", " ") for topic in world.parameters.topics]
    departments = [department.name for department in world.parameters.departments]
    columns = (c[:, z.C_CUSTOMER], c[:, z.C_AGENT], c[:, z.C_QUEUE0], c[:, z.C_TOPIC])
    slots = []
    for i, (customer, agent, queue, topic) in enumerate(zip(*(x.tolist() for x in columns), strict=True)):
        language = queue % len(LANGUAGES)
        who = customer if customer >= 0 else guest[i]
        full = person_name(who)
        slots.append(
            {
                "order": f"TB-{order[i]}",
                "product": PRODUCTS[language][product[i] % len(PRODUCTS[language])],
                "amount": _money(cents[i], language),
                "day": WEEKDAYS[language][number[i] % 5],
                "number": str(number[i]),
                "name": full.split(" ", maxsplit=1)[0],
                "agent": FIRST_NAMES[(agent + 11) * 7 % len(FIRST_NAMES)],
                "email": f"{full.lower().replace(' ', '.')}.{who}@example.com",
                "phone": phone_number(who, language),
                "team": TEAMS[language][departments[queue // len(LANGUAGES)]],
                "topic": topics[topic],
            }
        )
    return slots


def _money(cents: int, language: int) -> str:
    amount = f"{cents / 100:.2f}"
    return f"{amount.replace('.', ',')} Euro" if language else f"EUR {amount}"


def write_comments(tables: Tables, surveys: Surveys, rng: np.random.Generator) -> list[str | None]:
    """Comments of some of those who answered."""
    language = tables.conversation[surveys.conversation, z.C_QUEUE0] % len(LANGUAGES)
    writes = (surveys.csat >= 1) & (rng.random(len(language)) < COMMENT_SHARE)
    choice = rng.integers(0, 1000, len(language)).tolist()
    rows = zip(language.tolist(), surveys.csat.tolist(), choice, writes.tolist(), strict=True)
    comments: list[str | None] = []
    for code, score, pick, says in rows:
        moods = phrases(LANGUAGES[code])["comment"]["pleased" if score >= PLEASED_MIN else "annoyed"]
        comments.append(moods[pick % len(moods)] if says else None)
    return comments
