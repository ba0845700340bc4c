"""Recall, false hits and speed of the redactor; run `python -m tests.benchmark.bench_redaction [--write]`."""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from tests.benchmark.redaction_secrets import KINDS, LOCALES
from tests.benchmark.redaction_texts import TOPICS, Message, chat, clean_message, private_message, seeded

from staffcast_pipelines.privacy import SUSPICIOUS, Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[2] / "docs/background/redaction.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
SEED = 20_261_102
N_MESSAGES = 2_000
N_CHAT = 60_000
REPEATS = 3
_TELLING = 3

Shares = dict[tuple[str, str], float]


def remains(message: Message, redacted: str) -> bool:
    """Whether a part of the secret of three signs or more is left that the words around it do not have."""
    left = Counter(re.findall(r"\w+", re.sub(r"\[[a-z]+\]", " ", redacted)))
    left -= Counter(re.findall(r"\w+", message.text.replace(message.secret, " ")))
    return any(part in left for part in re.findall(r"\w+", message.secret) if len(part) >= _TELLING)


def recall(n: int) -> Shares:
    """Share of the personal data that leaves no trace and has the mark of its kind, by kind and locale."""
    redactor, shares = Redactor(), {}
    for kind in KINDS:
        for locale in LOCALES:
            rng = seeded(SEED, kind, locale)
            messages = [private_message(rng, locale, kind) for _ in range(n)]
            redacted = redactor.texts(pl.Series([message.text for message in messages]))
            found = [
                f"[{kind}]" in text and not remains(message, text)
                for message, text in zip(messages, redacted, strict=True)
            ]
            shares[kind, locale] = sum(found) / n
    return shares


def false_hits(n: int) -> Shares:
    """Share of the clean messages that are changed, by topic and locale."""
    redactor, shares = Redactor(), {}
    for topic in TOPICS:
        for locale in LOCALES:
            rng = seeded(SEED, topic, locale)
            texts = pl.Series([clean_message(rng, locale, topic).text for _ in range(n)])
            shares[topic, locale] = int((redactor.texts(texts) != texts).sum()) / n
    return shares


def mean_of(shares: Shares, name: str) -> float:
    """The mean over the locales."""
    return sum(shares[name, locale] for locale in LOCALES) / len(LOCALES)


def speed(n_messages: int) -> tuple[float, float, float]:
    """Megabytes a second of processor time on realistic chats, the same of the first look, and its hits."""
    texts = pl.Series([message.text for message in chat(seeded(SEED), n_messages)])
    megabytes = int(texts.str.len_bytes().sum()) / 1e6
    redactor = Redactor()
    redactor.texts(texts.head(1000))
    whole = min(_seconds(lambda: redactor.texts(texts)) for _ in range(REPEATS))
    look = min(_seconds(lambda: texts.str.contains(SUSPICIOUS)) for _ in range(REPEATS))
    return megabytes / whole, megabytes / look, int(texts.str.contains(SUSPICIOUS).sum()) / n_messages


def _seconds(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def table(title: str, shares: Shares) -> str:
    """A Markdown table with one line for each name."""
    names = list(dict.fromkeys(name for name, _ in shares))
    head = f"| {title} | {' | '.join(LOCALES)} | all |\n|---|{'---:|' * (len(LOCALES) + 1)}\n"
    lines = (
        f"| {name} | {' | '.join(f'{100 * shares[name, locale]:.1f}' for locale in LOCALES)} "
        f"| {100 * mean_of(shares, name):.2f} |\n"
        for name in names
    )
    return head + "".join(lines)


def page(text: str, measured: str) -> str:
    """The page with what is between the marks replaced."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{measured}\n{END}{rest.split(END)[1]}"


def main() -> None:
    """Print the tables, and write them into the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"rewrite the table in {PAGE.name}")
    is_written = parser.parse_args().write
    hits = false_hits(N_MESSAGES)
    of_all = sum(mean_of(hits, topic) for topic in TOPICS) / len(TOPICS)
    measured = (
        f"Recall in %, {N_MESSAGES:,} messages for each cell:\n\n{table('found', recall(N_MESSAGES))}\n"
        f"False hits in %, {N_MESSAGES:,} clean messages for each cell; {100 * of_all:.2f} % over all:\n\n"
        f"{table('changed', hits)}"
    )
    print(measured)
    whole, look, share = speed(N_CHAT)
    print(f"{whole:.1f} MB/s of processor time")
    print(f"{look:.0f} MB/s of the first look, which passes on {share:.1%} of the messages")
    if is_written:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
