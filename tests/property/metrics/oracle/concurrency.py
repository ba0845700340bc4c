"""How many chats agents hold at once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.property.metrics.oracle.judgement import OUTSIDE, Ask, LeftOut, S, Used, Verdict, judged

Row = dict[str, Any]
LOAD = "fact_agent_load"


def length(row: Row) -> int:
    took: int = row["segment_end_at_us"] - row["segment_at_us"]
    return took


@judged("open_concurrency", "ratio", LOAD, "overlap")
def open_concurrency(row: Row, _: Ask) -> Verdict:
    return Used(row["k_open"] * length(row), length(row))


@judged("active_concurrency", "ratio", LOAD, "overlap")
def active_concurrency(row: Row, _: Ask) -> Verdict:
    return Used(row["k_active"] * length(row), length(row) if row["k_active"] else 0)


@judged("peak_concurrency", "maximum", LOAD, "overlap")
def peak_concurrency(row: Row, _: Ask) -> Verdict:
    return Used(row["k_open"])


@judged("concurrency_p95", "weighted", LOAD, "overlap", quantile=0.95)
def concurrency_p95(row: Row, _: Ask) -> Verdict:
    return Used(row["k_open"], length(row))


@judged("seconds_at_k", "sum", LOAD, "overlap", per=S)
def seconds_at_k(row: Row, _: Ask) -> Verdict:
    return Used(length(row))


@judged("chat_time", "sum", LOAD, "overlap", per=S)
def chat_time(row: Row, _: Ask) -> Verdict:
    return Used(row["k_open"] * length(row))


@judged("experienced_concurrency", "ratio", "fact_leg", "close")
def experienced_concurrency(row: Row, _: Ask) -> Verdict:
    if row["end_reason"] == "open":
        return OUTSIDE
    if row["load_us"] is None or row["open_us"] is None:
        return LeftOut("no_value")
    return Used(row["load_us"], row["open_us"])


@judged("experienced_by_chat", "median p90", "fact_leg", "close")
def experienced_by_chat(row: Row, _: Ask) -> Verdict:
    if row["end_reason"] == "open":
        return OUTSIDE
    if row["load_us"] is None or not row["open_us"]:
        return LeftOut("no_value")
    return Used(Fraction(row["load_us"], row["open_us"]))
