"""Draws the figures of the staffing guide; run `python docs/guides/staffing_figures.py` from the repository.

Every number comes from `staffcast.staffing`. The files are plain SVG, so that a change of the model shows as
a change of the file.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from staffcast.staffing import (
    ChatQueue,
    ReplyModel,
    ServiceLevelConvention,
    Target,
    hour_by_hour,
    performance,
    required_agents,
)

HANDLE_S = [480, 560, 680]
TARGET = Target(service_level_share=0.8, threshold_s=30)
OF_ALL = ServiceLevelConvention.SERVED_OF_ALL
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 720, 320, 60, 40, 50, 190
COLOURS = ("#1b6ca8", "#c44e1a", "#5a8f3d", "#777777")


@dataclass(frozen=True)
class Line:
    """One line of a chart: shares 0..1 over the marks of the x axis."""

    label: str
    shares: list[float]


def divided_by_three() -> tuple[list[str], list[Line]]:
    """Service level that three ways of counting agents really give."""
    rates = np.array([60, 120, 300, 600, 1500])
    chat = required_agents(ChatQueue(rates, HANDLE_S, 180), TARGET)
    by_three = required_agents(ChatQueue(rates, HANDLE_S[0] / 3), TARGET)
    by_factor = required_agents(ChatQueue(rates, HANDLE_S[0] / 2.5), TARGET)
    lines = [
        Line(label, real_levels(rates, agents))
        for label, agents in (
            ("Erlang Chat", chat),
            ("handle time / 2.5", by_factor),
            ("handle time / 3", by_three),
        )
    ]
    return [f"{rate}/h" for rate in rates], lines


def real_levels(rates: np.ndarray, agents: object) -> list[float]:
    """What the agents achieve on the desk as it is."""
    desk = performance(ChatQueue(rates, HANDLE_S, 180), np.asarray(agents), threshold_s=30)
    return [float(level) for level in np.asarray(desk.service_level(OF_ALL))]


def limits_and_replies() -> tuple[list[str], list[Line]]:
    """Replies within 90 s when only the accept target is staffed, and at work."""
    model = ReplyModel(work_s=40, think_s=60, turns=6)
    limits = range(1, 8)
    replies, work = [], []
    for limit in limits:
        queue = ChatQueue.of_replies(120, model, concurrency_limit=limit, patience_s=180)
        agents = required_agents(queue, TARGET)
        desk = performance(queue, agents, threshold_s=30, reply_within_s=90)
        replies.append(float(np.asarray(desk.replies_within_share)))
        work.append(float(np.asarray(desk.work_occupancy_share)))
    lines = [Line("replies within 90 s", replies), Line("agents at work", work)]
    return [str(limit) for limit in limits], lines


def after_a_peak() -> tuple[list[str], list[Line]]:
    """Service level by half-hour, as promised hour by hour and as it will be."""
    rates = [60, 120, 240, 300, 120, 60, 60, 60]
    found = hour_by_hour(ChatQueue(rates, HANDLE_S, 180), TARGET, interval_s=1800)
    promised = [float(level) for level in np.asarray(found.promised.service_level(OF_ALL))]
    actual = [float(level) for level in found.actual.service_level(OF_ALL)]
    marks = [f"{9 + i // 2}:{30 * (i % 2):02}" for i in range(len(rates))]
    return marks, [Line("as it will be", actual), Line("promised", promised)]


def svg(title: str, axis: str, marks: list[str], lines: list[Line]) -> str:
    """A line chart of shares."""
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    across = [LEFT + inner_width * (i + 0.5) / len(marks) for i in range(len(marks))]

    def up(share: float) -> float:
        return TOP + inner_height * (1 - share)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="13">'
        ),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{title}</text>',
    ]
    for percent in (0, 20, 40, 60, 80, 100):
        y = up(percent / 100)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent} %</text>')
    for x, mark in zip(across, marks, strict=True):
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 30}" text-anchor="middle">{mark}</text>')
    middle = LEFT + inner_width / 2
    parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{axis}</text>')
    ends = spread([up(line.shares[-1]) + 4 for line in lines])
    for line, colour, end in zip(lines, COLOURS, ends, strict=False):
        points = " ".join(f"{x:.1f},{up(share):.1f}" for x, share in zip(across, line.shares, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        for x, share in zip(across, line.shares, strict=True):
            parts.append(f'<circle cx="{x:.1f}" cy="{up(share):.1f}" r="3.5" fill="{colour}"/>')
        parts.append(f'<text x="{across[-1] + 12:.1f}" y="{end:.1f}" fill="{colour}">{line.label}</text>')
    return "\n".join([*parts, "</svg>", ""])


def spread(heights: list[float]) -> list[float]:
    """Labels at least a line apart."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    found = list(heights)
    for above, below in itertools.pairwise(order):
        found[below] = max(found[below], found[above] + 16)
    return found


def figures() -> dict[str, str]:
    """File name and content of every figure."""
    return {
        "staffing-divided-by-three.svg": svg(
            "Service level that the agents really give (80 % within 30 s was asked for)",
            "chats an hour",
            *divided_by_three(),
        ),
        "staffing-limits-and-replies.svg": svg(
            "120 chats an hour, staffed for 80 % accepted within 30 s and for nothing else",
            "most chats an agent holds",
            *limits_and_replies(),
        ),
        "staffing-after-a-peak.svg": svg(
            "Accepted within 30 s, each half-hour staffed by itself", "half-hour from", *after_a_peak()
        ),
    }


if __name__ == "__main__":
    for name, text in figures().items():
        Path(__file__).with_name(name).write_text(text, encoding="utf-8", newline="\n")
