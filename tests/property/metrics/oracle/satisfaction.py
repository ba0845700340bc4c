"""What customers said when they were asked."""

from __future__ import annotations

from typing import Any

from tests.property.metrics.oracle.judgement import OUTSIDE, Ask, LeftOut, Used, Verdict, judged

Row = dict[str, Any]
SURVEY = "fact_survey"
DATED = {"dated": "close"}


def is_rated(row: Row) -> bool:
    """Whether the customer answered with a rating on the scale."""
    return row["is_responded"] and row["is_csat_valid"]


@judged("csat_all_legs", "share", "fact_survey_leg", "close", options=DATED)
@judged("csat", "share", SURVEY, "close", options=DATED)
def csat(row: Row, _: Ask) -> Verdict:
    if not row["is_responded"]:
        return OUTSIDE
    if row["csat"] is None:
        return LeftOut("no_rating")
    return Used(row["is_csat_positive"]) if row["is_csat_valid"] else LeftOut("off_scale")


@judged("csat_response_rate", "share", SURVEY, "close")
def csat_response_rate(row: Row, _: Ask) -> Verdict:
    return Used(is_rated(row))


@judged("nps", "mean", SURVEY, "close", options=DATED)
def nps(row: Row, _: Ask) -> Verdict:
    if not row["is_responded"]:
        return OUTSIDE
    if row["nps"] is None:
        return LeftOut("no_rating")
    if not 0 <= row["nps"] <= 10:
        return LeftOut("off_scale")
    promoter, detractor = row["nps"] in (9, 10), row["nps"] <= 6
    return Used(100 * (promoter - detractor))


@judged("csat_lower", "share", SURVEY, "close")
def csat_lower(row: Row, _: Ask) -> Verdict:
    return Used(is_rated(row) and row["is_csat_positive"])


@judged("csat_upper", "share", SURVEY, "close")
def csat_upper(row: Row, _: Ask) -> Verdict:
    return Used(not is_rated(row) or row["is_csat_positive"])


def effort(row: Row) -> Verdict:
    if not row["is_responded"]:
        return OUTSIDE
    if row["ces"] is None:
        return LeftOut("no_rating")
    return Used(int(row["ces"])) if 1 <= row["ces"] <= 7 else LeftOut("off_scale")


@judged("ces", "mean", SURVEY, "close", options=DATED)
def ces(row: Row, _: Ask) -> Verdict:
    return effort(row)


@judged("ces_easy", "share", SURVEY, "close", options=DATED)
def ces_easy(row: Row, _: Ask) -> Verdict:
    found = effort(row)
    return Used(found.value in (5, 6, 7)) if isinstance(found, Used) else found


@judged("survey_fcr", "share", SURVEY, "close", options=DATED)
def survey_fcr(row: Row, _: Ask) -> Verdict:
    if not row["is_responded"]:
        return OUTSIDE
    return LeftOut("no_answer") if row["is_resolved"] is None else Used(row["is_resolved"])
