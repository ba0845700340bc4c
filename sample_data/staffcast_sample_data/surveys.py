"""Surveys after the chats: who is asked, who answers, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from staffcast_sample_data import layout as z

if TYPE_CHECKING:
    from staffcast_sample_data.layout import Floats, Ints, Tables
    from staffcast_sample_data.parameters import DeskParameters

ANSWER_IF_SETTLED, ANSWER_IF_NOT = 1.15, 0.85
BOT_ANSWER_FACTOR = 0.55
LONGEST_WAIT_THAT_COUNTS_MIN = 6.0


@dataclass(frozen=True)
class Surveys:
    """Surveys in order of sending; -1 stands for "not answered" or "not asked".

    Attributes:
        conversation: Code of the conversation.
        sent_ms: UTC milliseconds.
        answered_ms: UTC milliseconds, -1 without an answer.
        csat: 1 to 5.
        nps: 0 to 10, for a part of the answers.
        ces: 1 to 7 (7 = easy), for a part of the answers.
        resolved: 1 yes, 0 no, for most answers.
    """

    conversation: Ints
    sent_ms: Ints
    answered_ms: Ints
    csat: Ints
    nps: Ints
    ces: Ints
    resolved: Ints


def draw_surveys(
    parameters: DeskParameters, tables: Tables, end_ms: int, rng: np.random.Generator
) -> Surveys:
    """Send surveys after the first close and draw the answers."""
    c = tables.conversation
    human = c[:, z.C_ACCEPTED] >= 0
    asked = (
        (c[:, z.C_FIRST_CLOSED] >= 0)
        & (c[:, z.C_KIND] == z.K_INBOUND)
        & (c[:, z.C_ABANDONED] < 0)
        & (human | (c[:, z.C_OUTCOME] > 0))
        & (rng.random(len(c)) < parameters.survey_share)
    )
    sent = c[:, z.C_FIRST_CLOSED] + rng.integers(1_000, 20_000, size=len(c))
    chosen = np.flatnonzero(asked & (sent < end_ms))
    chosen = chosen[np.argsort(sent[chosen], kind="stable")]
    rows = c[chosen]
    answered = sent[chosen] + np.round(1000 * np.exp(rng.normal(np.log(75.0), 1.0, len(chosen)))).astype(
        np.int64
    )
    answers = (rng.random(len(chosen)) < _answer_share(parameters, rows)) & (answered < end_ms)
    csat = _scores(parameters, rows, rng)

    def part(values: Floats, share: float) -> Ints:
        kept = answers & (rng.random(len(chosen)) < share)
        return np.where(kept, values, -1).astype(np.int64)

    n = len(chosen)
    return Surveys(
        conversation=chosen,
        sent_ms=sent[chosen],
        answered_ms=np.where(answers, answered, -1),
        csat=np.where(answers, csat, -1),
        nps=part(np.clip(np.round(2.1 * csat + rng.normal(-0.6, 1.3, n)), 0, 10), 0.45),
        ces=part(np.clip(np.round(1.2 * csat + rng.normal(0.6, 1.0, n)), 1, 7), 0.35),
        resolved=_resolved_answers(rows, answers, rng),
    )


def _answer_share(parameters: DeskParameters, rows: Ints) -> Floats:
    share = (
        np.where(rows[:, z.C_RESOLVED] == 1, ANSWER_IF_SETTLED, ANSWER_IF_NOT)
        * parameters.survey_answer_share
    )
    share = np.where(rows[:, z.C_ACCEPTED] >= 0, share, BOT_ANSWER_FACTOR * share)
    return np.where(rows[:, z.C_GONE] == 1, 0.0, share)


def _scores(parameters: DeskParameters, rows: Ints, rng: np.random.Generator) -> Ints:
    """Satisfaction falls with the wait, transfers and an open issue; a bot gets no middling score."""
    human = rows[:, z.C_ACCEPTED] >= 0
    settled = rows[:, z.C_RESOLVED] == 1
    waited = np.where(human, rows[:, z.C_ACCEPTED] - rows[:, z.C_FIRST_QUEUED], 0) / z.MINUTE_MS
    latent = parameters.csat_base + 2.3 * settled - 0.35 * np.minimum(waited, LONGEST_WAIT_THAT_COUNTS_MIN)
    latent -= 0.4 * np.maximum(rows[:, z.C_TRANSFERS], 0)
    score = np.clip(np.round(latent + rng.normal(0.0, 0.95, len(rows))), 1, 5)
    by_bot = np.where(settled, 4, 1) + (rng.random(len(rows)) < 0.5)
    return np.where(human, score, by_bot).astype(np.int64)


def _resolved_answers(rows: Ints, answers: np.ndarray, rng: np.random.Generator) -> Ints:
    """Customers mostly know whether the issue is settled; after a bot they always say so."""
    human = rows[:, z.C_ACCEPTED] >= 0
    mistaken = human & (rng.random(len(rows)) < 0.06)
    skipped = human & (rng.random(len(rows)) < 0.2)
    says = (rows[:, z.C_RESOLVED] == 1) ^ mistaken
    return np.where(answers & ~skipped, says, -1).astype(np.int64)
