"""Effects of concurrency against a full regression, against a known truth, and on a desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from tests.unit.facts.desk import Desk

from staffcast.charts.concurrency import concurrency_chart
from staffcast.charts.theme import alt_text
from staffcast.core.errors import MetricError, ModelError
from staffcast.metrics import metric, query
from staffcast.reports import concurrency_quality as module
from staffcast.reports.concurrency_effects import level_effects
from staffcast.reports.concurrency_quality import concurrency_note, concurrency_quality, concurrency_table
from staffcast.store.generations import open_generation
from staffcast.store.sql import sql_text

if TYPE_CHECKING:
    from pathlib import Path

    from staffcast.reports.concurrency_quality import ConcurrencyReport
    from staffcast.reports.session import Session

N_AGENTS, N_HOURS = 12, 30
LABELS = {name: metric(name).label for name in module.OUTCOMES}


def sample(seed: int, n: int = 4000) -> dict[str, np.ndarray]:
    """Slow agents and slow hours get the most chats: as measured, 3 chats look far worse than they are."""
    rng = np.random.default_rng(seed)
    agent, hour = rng.integers(0, N_AGENTS, n), rng.integers(0, N_HOURS, n)
    busy = agent / N_AGENTS + hour / N_HOURS + rng.normal(0, 0.3, n)
    level = 1 + (busy > 0.8).astype(int) + (busy > 1.3).astype(int)
    noise = rng.normal(0, 60, n) + rng.normal(0, 10, (N_AGENTS, 4))[agent, level]
    outcome = 500 + 20 * agent + 5 * hour + 30 * (level - 1) + noise
    return {"outcome": outcome, "level": level, "agent": agent, "hour": hour}


def full_regression(drawn: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of levels 2 and 3 and their clustered errors, all dummies written out."""
    columns = [drawn["level"] == level for level in (2, 3)]
    columns += [drawn["agent"] == agent for agent in range(N_AGENTS)]
    columns += [drawn["hour"] == hour for hour in range(1, N_HOURS)]
    design = np.column_stack(columns).astype(float)
    fitted = sm.OLS(drawn["outcome"], design).fit(
        cov_type="cluster", cov_kwds={"groups": drawn["agent"], "use_correction": False}
    )
    return fitted.params[:2], fitted.bse[:2]


def test_effects_are_those_of_the_full_regression() -> None:
    drawn = sample(1)
    effects, errors = full_regression(drawn)
    found = level_effects(**drawn)
    assert [effect.level for effect in found] == [1, 2, 3]
    assert [effect.effect for effect in found[1:]] == pytest.approx(effects, rel=1e-6)
    # Half widths: Student with 11 degrees of freedom (2.20099), 12/11 clusters, (n-1)/(n-2-29) estimated.
    n = drawn["level"].size
    scale = 2.20099 * np.sqrt(12 / 11 * (n - 1) / (n - 2 - 29))
    halves = [(effect.high - effect.low) / 2 for effect in found[1:]]
    assert halves == pytest.approx(errors * scale, rel=1e-4)


def test_the_truth_is_found_where_plain_means_mislead() -> None:
    drawn = sample(2)
    means = [drawn["outcome"][drawn["level"] == level].mean() for level in (1, 2, 3)]
    assert means[2] - means[0] > 120
    found = level_effects(**drawn)
    assert found[1].low < 30 < found[1].high
    assert found[2].low < 60 < found[2].high
    assert found[2].high - found[2].low < 60


def test_intervals_cover_the_truth() -> None:
    covered = sum(effect.low <= 60 <= effect.high
                  for seed in range(40) for effect in level_effects(**sample(seed, 1500))[2:])  # fmt: skip
    assert covered >= 35


def test_adjusted_means_average_to_the_mean_of_all() -> None:
    drawn = sample(3)
    shares = [np.mean(drawn["level"] == level) for level in (1, 2, 3)]
    adjusted = [effect.adjusted for effect in level_effects(**drawn)]
    assert np.dot(shares, adjusted) == pytest.approx(drawn["outcome"].mean())


@pytest.mark.parametrize(
    "drawn",
    [
        {"outcome": [1.0, 2.0], "level": [1, 1], "agent": [0, 1], "hour": [0, 0]},
        {"outcome": [1.0, 2.0], "level": [1, 2], "agent": [0, 0], "hour": [0, 1]},
        {"outcome": [1.0, 2.0, 3.0], "level": [1, 2, 2], "agent": [0, 1, 1], "hour": [0, 0, 0]},
        {"outcome": [], "level": [], "agent": [], "hour": []},
    ],
    ids=["one level", "one agent", "each agent at one level", "nothing"],
)
def test_what_cannot_be_told_apart_has_no_effect(drawn: dict[str, list[float]]) -> None:
    assert level_effects(**drawn) == []


def test_active_chats_at_accept_include_the_accepted_one(tmp_path: Path) -> None:
    """b comes while a waits for a reply; when c comes, b has closed and a has been silent for an hour."""
    desk = Desk(settings={"active_recent_s": 300.0})
    desk.chat("a").customer(0).queued(0, "q").accepted(10, "anna").customer(100).agent(200).closed(9000)
    desk.chat("b", 120).customer(120).queued(120, "q").accepted(130, "anna").agent(150).closed(900)
    desk.chat("c", 5000).customer(5000).queued(5000, "q").accepted(5010, "anna").agent(5050).closed(5100)
    desk.chat("other", 5000).customer(5000).queued(5000, "q").accepted(5010, "bea").agent(5050).closed(5100)
    desk.build(tmp_path)
    with open_generation(tmp_path) as reader:
        rows = reader.run(sql_text("staffcast.reports", "concurrency_at_accept")).to_dicts()
    assert {row["conversation_key"][-5:].split("/")[-1]: row["k_active"] for row in rows} == {
        "a": 1, "b": 2, "c": 1, "other": 1,
    }  # fmt: skip
    assert {row["hour_of_week"] for row in rows} == {24 + 9, 24 + 10}


@pytest.fixture(scope="module")
def report(session: Session) -> ConcurrencyReport:
    return concurrency_quality(session.reader, session.settings)


def test_each_outcome_counts_what_its_metric_counts(session: Session, report: ConcurrencyReport) -> None:
    period = report.period
    rows = report.rows
    n = rows.filter(pl.col("metric") == "handle_time")["n"].sum()
    [handled] = query(session.reader, "handle_time", period=period).to_dicts()
    accepted = session.reader.query(
        "select count(*) filter (where handle_us is not null) as n from fact_conversation"
        " where is_human_handled and close_date >= $1 and close_date < $2 and conversation_key in"
        " (select conversation_key from fact_leg)",
        [str(day) for day in period],
    )["n"].item()
    assert n == accepted <= handled["n"]
    assert set(rows["evidence"]) == {"observational"}
    assert rows["metric"].unique(maintain_order=True).to_list() == list(module.OUTCOMES)


def test_the_lowest_number_is_the_reference(report: ConcurrencyReport) -> None:
    for _, part in report.rows.filter(pl.col("effect").is_not_null()).group_by("metric"):
        first = part.sort("k_active").row(0, named=True)
        assert (first["effect"], first["effect_low"], first["effect_high"]) == (0, 0, 0)


def test_small_cells_are_refused(report: ConcurrencyReport) -> None:
    small = report.rows.filter(pl.col("n") < module.SMALLEST_CELL)
    assert small.height
    for row in small.to_dicts():
        assert row["null_reason"] == "below_min_n"
        assert {row[name] for name in ("raw", "adjusted", "effect", "effect_low")} == {None}


def test_nothing_but_small_cells_is_an_error(session: Session) -> None:
    with pytest.raises(ModelError, match="at least 30 chats"):
        concurrency_quality(
            session.reader, session.settings, from_date="2026-11-15", where={"queue": "sales-de"}
        )


def test_an_outcome_that_no_chat_has_says_why(session: Session) -> None:
    report = concurrency_quality(session.reader, session.settings, from_date="2026-11-10")
    [row] = report.rows.filter(pl.col("metric") == "fcr").to_dicts()
    assert (row["k_active"], row["n"], row["raw"], row["null_reason"]) == (None, 0, None, "window_censored")
    table = concurrency_table(report).filter(pl.col("metric") == metric("fcr").label)
    assert table["as measured"].to_list() == ["– (too recent to tell)"]
    assert "First-contact" not in alt_text(concurrency_chart(report.rows, LABELS))


def test_words_and_chart_say_that_it_is_observational(report: ConcurrencyReport) -> None:
    table = concurrency_table(report)
    assert table.height == report.rows.height
    assert "Observational" in concurrency_note(report)
    labels = {name: metric(name).label for name in module.OUTCOMES}
    figure = concurrency_chart(report.rows, labels)
    assert "chats at accept" in alt_text(figure)
    assert len(figure.data) == 2 * report.rows.filter(pl.col("effect").is_not_null())["metric"].n_unique()
    assert "Too few" in alt_text(concurrency_chart(report.rows.clear(), labels))


def test_under_the_profile_no_agent_and_no_small_group(guarded: Session) -> None:
    guarded_report = concurrency_quality(guarded.reader, guarded.settings)
    assert guarded_report.rows["n_agents"].null_count() == guarded_report.rows.height
    assert "day by day" in concurrency_note(guarded_report)
    for _, part in guarded_report.rows.group_by("metric"):
        n_hidden = part.filter(pl.col("null_reason") == "suppressed").height
        assert n_hidden != 1
    with pytest.raises(MetricError, match="works-council"):
        concurrency_quality(guarded.reader, guarded.settings, where={"last_agent_id": "a001"})


def test_levels_of_few_agents_hide_one_another() -> None:
    rows = [(1, f"2026-11-02/{n}") for n in range(9)] + [(2, f"2026-11-02/{n}") for n in range(6)]
    rows += [(3, "2026-11-02/1"), (3, "2026-11-03/2"), (3, "2026-11-03/3")]
    frame = pl.DataFrame(rows, schema=["k_active", "agent_id"], orient="row")
    assert module._withheld(frame, 5) == {2, 3}
    assert module._withheld(frame, 2) == set()
    assert module._withheld(frame, 0) == set()
    assert module._withheld(frame, 7) == {2, 3}
    assert module._withheld(frame, 9) == {1, 2, 3}
