"""What conversations took of their agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.property.metrics.oracle.demand import CONVERSATION
from tests.property.metrics.oracle.judgement import OUTSIDE, Ask, LeftOut, S, Used, Verdict, judged

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]


def taken(column: str) -> Callable[[Row, Ask], Verdict]:
    def judge(row: Row, _: Ask) -> Verdict:
        if not row["is_human_handled"]:
            return OUTSIDE
        return LeftOut("no_value") if row[column] is None else Used(row[column])

    return judge


for name in ("handle", "engaged", "effort"):
    judged(f"{name}_time", "mean median p90", CONVERSATION, "close", per=S)(taken(f"{name}_us"))
