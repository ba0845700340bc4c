"""Chats of one month, written as an interchange folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    Rows = dict[str, list[dict[str, Any]]]

START = datetime(2026, 10, 1, 9, tzinfo=UTC)


def at(day: int, seconds: float = 0) -> str:
    return (START + timedelta(days=day - 1, seconds=seconds)).isoformat()


def chat(name: str, day: int, *, topic: str = "billing") -> Rows:
    """Queued at once, accepted after 20 s, answered after 40 s, closed after 600 s."""
    known = {"conversation_id": name, "customer_id": f"of {name}", "topic": topic, "queue": "support"}
    steps = (("queued", 0, None), ("accepted", 20, "anna"), ("closed", 600, "anna"))
    return {
        "conversations": [known | {"created_at": at(day)}],
        "events": [
            {"conversation_id": name, "event_type": kind, "timestamp": at(day, after), "agent_id": who,
             "queue": "support"}
            for kind, after, who in steps
        ],
        "messages": [
            {"conversation_id": name, "timestamp": at(day, after), "sender_type": sender, "sender_id": who}
            for sender, after, who in (("customer", 0, name), ("agent", 40, "anna"))
        ],
    }  # fmt: skip


def survey(name: str, day: int, csat: int | None) -> Rows:
    answered = at(day, 900) if csat else None
    row = {"survey_id": f"s {name}", "conversation_id": name, "sent_at": at(day, 700)}
    return {"surveys": [row | {"responded_at": answered, "csat": csat}]}


def write_export(folder: Path, *parts: Rows) -> None:
    """Write the rows as an interchange folder."""
    tables: Rows = {}
    for part in parts:
        for name, rows in part.items():
            tables.setdefault(name, []).extend(rows)
    folder.mkdir()
    for name, rows in tables.items():
        text = "\n".join(json.dumps({k: v for k, v in row.items() if v is not None}) for row in rows)
        (folder / f"{name}.jsonl").write_text(text + "\n", encoding="utf-8")
