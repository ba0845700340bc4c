"""What customers said when they were asked."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.judgement import OUTSIDE, Ask, LeftOut, Used, Verdict, judged

Row = dict[str, Any]
SURVEY = "fact_survey"


@judged("csat", "share", SURVEY, "close")
def csat(row: Row, _: Ask) -> Verdict:
    if not row["is_responded"]:
        return OUTSIDE
    if row["csat"] is None:
        return LeftOut("no_rating")
    return Used(row["is_csat_positive"]) if row["is_csat_valid"] else LeftOut("off_scale")


@judged("csat_response_rate", "share", SURVEY, "close")
def csat_response_rate(row: Row, _: Ask) -> Verdict:
    return Used(row["is_responded"] and row["is_csat_valid"])


@judged("nps", "mean", SURVEY, "close")
def nps(row: Row, _: Ask) -> Verdict:
    if not row["is_responded"]:
        return OUTSIDE
    if row["nps"] is None:
        return LeftOut("no_rating")
    if not 0 <= row["nps"] <= 10:
        return LeftOut("off_scale")
    promoter, detractor = row["nps"] in (9, 10), row["nps"] <= 6
    return Used(100 * (promoter - detractor))
