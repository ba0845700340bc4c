"""What it cost, and for what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle import agents, bot, resolution  # noqa: F401 - they register the parts
from tests.property.metrics.oracle.judgement import (
    CENSORED,
    DAY,
    OUTSIDE,
    Ask,
    LeftOut,
    S,
    Used,
    Verdict,
    derived,
    judged,
)
from tests.property.metrics.oracle.resolution import has_matured

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
COST = "fact_cost"


def amount(row: Row, *kinds: str) -> Verdict:
    if row["cost_kind"] not in kinds:
        return OUTSIDE
    return LeftOut("not_recorded") if row["cost_micros"] is None else Used(row["cost_micros"])


def matured(found: Verdict, row: Row, ask: Ask) -> Verdict:
    is_known = has_matured(row, ask.us("window_days", DAY))
    return found if is_known or not isinstance(found, Used) else CENSORED


@judged("agent_cost", "sum", COST, "overlap", per=S, options={"costs": "paid_time"})
def agent_cost(row: Row, ask: Ask) -> Verdict:
    return amount(row, "agents", *(["other"] if ask.chose("costs", "loaded") else []))


@judged("matured_agent_cost", "sum", COST, "overlap", per=S, options={"window_days": 7, "costs": "paid_time"})
def matured_agent_cost(row: Row, ask: Ask) -> Verdict:
    return matured(agent_cost(row, ask), row, ask)


def of_kinds(*kinds: str) -> Callable[[Row, Ask], Verdict]:
    def judge(row: Row, _: Ask) -> Verdict:
        return amount(row, *kinds)

    return judge


judged("bot_cost", "sum", COST, "overlap", per=S)(of_kinds("bot"))
judged("recorded_cost", "sum", COST, "overlap", per=S)(of_kinds("other", "staff", "elsewhere"))


@judged("matured_bot_cost", "sum", COST, "overlap", per=S, options={"window_days": 7})
def matured_bot_cost(row: Row, ask: Ask) -> Verdict:
    return matured(amount(row, "bot"), row, ask)


derived("cost_per_contact", "agent_cost", "handled", per=S)
derived("cost_per_resolution", "matured_agent_cost", "resolved_contacts", per=S)
derived("cost_per_verified_resolution", "matured_bot_cost", "verified_resolutions", per=S)
