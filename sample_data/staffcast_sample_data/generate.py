"""From a seed to an interchange folder with its truth."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from staffcast_sample_data import layout as z
from staffcast_sample_data import people_files, setup_files, traffic_files
from staffcast_sample_data.parameters import DeskParameters
from staffcast_sample_data.texts import write_comments, write_texts
from staffcast_sample_data.truth import survey_draws, truth_of
from staffcast_sample_data.world import TEXTS, make_world, run_traffic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from staffcast_sample_data.layout import Tables
    from staffcast_sample_data.surveys import Surveys
    from staffcast_sample_data.world import World


@dataclass(frozen=True)
class GeneratedDesk:
    """What was written.

    Attributes:
        folder: The interchange folder.
        n_conversations: Rows of conversations.csv.
        n_messages: Rows of messages.csv.
        first_at: Start of the period (local midnight), with zone UTC.
        last_at: End of the period, exclusive; also `as_of`.
        parameters: The parameters used.
    """

    folder: Path
    n_conversations: int
    n_messages: int
    first_at: datetime
    last_at: datetime
    parameters: DeskParameters = field(repr=False)


def generate(
    folder: Path,
    *,
    days: int = 56,
    seed: int = 7,
    scale: float = 1.0,
    progress: Callable[[str], None] | None = None,
    parameters: DeskParameters | None = None,
) -> GeneratedDesk:
    """Write the export of a simulated chat desk, and the truth about it, to a folder.

    Args:
        folder: Made if missing; files of the same names are replaced.
        days: Local days before `parameters.end_date`.
        seed: The same seed gives the same bytes.
        scale: Factor on demand and staff.
        progress: Called with one line before each step.
        parameters: Numbers that shape the desk.

    Raises:
        ValueError: If `days` or `scale` is not positive.
    """
    if days < 1 or scale <= 0:
        raise ValueError(f"days must be at least 1 and scale above 0, got days={days} and scale={scale}")
    tell = progress or (lambda _: None)
    parameters = parameters or DeskParameters()
    tell(f"simulating {days} days of chats")
    world = make_world(parameters, days, seed, scale)
    tables = by_time(run_traffic(world, seed))
    surveys = survey_draws(world, tables, seed, 0)
    tell(f"writing {len(tables.message):,} messages")
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=1) as beside:
        truth = beside.submit(truth_of, world, tables, surveys, seed)
        frames = make_frames(world, tables, surveys, np.random.default_rng([seed, TEXTS]))
        for name, frame in frames.items():
            frame.write_csv(folder / f"{name}.csv")
        _write_json(folder / "config.json", setup_files.config(world))
        tell("working out the truth")
        _write_json(folder / "truth.json", truth.result())
    return GeneratedDesk(
        folder=folder,
        n_conversations=frames["conversations"].height,
        n_messages=len(tables.message),
        first_at=datetime.fromtimestamp(world.period.start_ms / 1000, UTC),
        last_at=datetime.fromtimestamp(world.period.end_ms / 1000, UTC),
        parameters=parameters,
    )


def by_time(tables: Tables) -> Tables:
    """The tables with the messages in order of time."""
    order = np.argsort(tables.message[:, z.M_AT], kind="stable")
    return tables._replace(message=tables.message[order])


def make_frames(
    world: World, tables: Tables, surveys: Surveys, rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """The files of the interchange folder by name."""
    numbering = traffic_files.number_conversations(tables)
    texts = write_texts(world, tables, rng)
    comments = write_comments(tables, surveys, rng)
    return {
        "conversations": traffic_files.conversations_frame(world, tables, numbering, rng),
        "messages": traffic_files.messages_frame(tables, numbering, texts),
        "events": traffic_files.events_frame(world, tables, numbering, surveys),
        "surveys": traffic_files.surveys_frame(numbering, surveys, comments),
        "bot_sessions": traffic_files.bot_sessions_frame(world, tables, numbering, rng),
        "agents": people_files.agents_frame(world),
        "agent_status": people_files.agent_status_frame(tables),
        "schedules": people_files.schedules_frame(world),
        "customers": people_files.customers_frame(world),
        "accounts": people_files.accounts_frame(world),
        "contacts": people_files.contacts_frame(world, tables, rng),
        "queues": setup_files.queues_frame(world),
        "targets": setup_files.targets_frame(world),
        "costs": setup_files.costs_frame(world),
        "page_views": setup_files.page_views_frame(world, tables, numbering, rng),
    }


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")
