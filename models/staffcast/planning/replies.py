"""Work, silences and turns of each queue's chats: the inputs of the reply model, from published facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from staffcast.metrics import query
from staffcast.staffing import ReplyModel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from staffcast.planning.calibration import Calibration
    from staffcast.store.generations import Reader

__all__ = ["reply_models"]


def reply_models(reader: Reader, calibration: Calibration, queues: Iterable[str]) -> dict[str, ReplyModel]:
    """The reply model of each queue whose messages tell one.

    Work is the effort time of a chat, turns are its replies, wrap-up and the handle time of a chat alone are
    those of the calibration; what is left of the latter is the customer's.

    Args:
        reader: A published generation.
        calibration: Of the same data.
        queues: Queues to look for; the empty name is that of chats without one.

    Returns:
        Models by queue; a queue without replies or effort has none.
    """
    found = query(
        reader,
        ["effort_time", "reply_time_mean"],
        by="queue",
        clock="calendar",
        options={"reply_time_mean.turns": "all"},
    ).with_columns(pl.col("queue").fill_null(""))
    models = {}
    for name in queues:
        rows = {row["metric"]: row for row in found.filter(pl.col("queue") == name).iter_rows(named=True)}
        effort, replies = rows.get("effort_time"), rows.get("reply_time_mean")
        alone_s = calibration.handle_s_by_level(name, 1)
        if effort and replies and effort["value"] and effort["n"] and replies["n"] and alone_s:
            models[name] = ReplyModel.of_chats(
                effort_s=effort["value"],
                turns=max(1.0, replies["n"] / effort["n"]),
                alone_s=alone_s[0],
                wrap_up_s=calibration.wrapup_s.get(name, 0.0) * calibration.legs_per_chat.get(name, 1.0),
            )
    return models
