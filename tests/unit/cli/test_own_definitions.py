"""The user's own metrics and dimensions at the command line, where no metric is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from staffcast.metrics.loader import use
from staffcast_cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.cli.conftest import Staffcast

OWN = """
[dimensions]
region = "case when country in ('DE', 'AT', 'CH') then 'DACH' else 'other' end"

[metrics.long_chats]
label = "Long chats"
unit = "share"
direction = "lower"
kind = "share"
fact = "fact_conversation"
cohort = "close"
filter = "is_inbound and is_human_handled"
numerator = "handle_us > 1800000000"
definition = "Share of closed conversations that agents held for more than half an hour."
"""


@pytest.fixture
def project(staffcast: Staffcast, tmp_path: Path) -> Iterator[Staffcast]:
    (tmp_path / "staffcast.toml").write_text(OWN, encoding="utf-8")
    use(None)  # as at the start of a process
    yield staffcast
    use(None)


@pytest.mark.parametrize(
    "line",
    [
        ("report", "--by", "region"),
        ("report", "--where", "region=DACH"),
        ("report", "offered", "--by", "region"),
        ("explain", "offered", "--by", "region", "--rows"),
        ("diff", "offered", "--period", "2026-11-15", "--versus", "2026-11-14", "--by", "region"),
        ("fcr-curve", "--by", "region"),
        ("metrics", "long_chats"),
    ],
    ids=" ".join,
)
def test_own_definitions_are_in_force_in_each_command(
    project: Staffcast, desk: Path, line: tuple[str, ...]
) -> None:
    place = () if line[0] == "metrics" else ("-d", desk)
    done = project(*line, *place, "-f", "csv")
    assert done.code == 0, done.err


def test_the_headlines_are_cut_by_an_own_dimension(project: Staffcast, desk: Path) -> None:
    done = project("report", "--by", "region", "-d", desk, "-f", "csv")
    assert "DACH" in done.out
    assert "open_concurrency" not in done.out  # no country on its fact
    assert "left out, for they have no such dimension" in done.err


def test_an_own_metric_can_fail_a_report(project: Staffcast, desk: Path) -> None:
    assert project("report", "long_chats", "--fail-under", "long_chats=0", "-d", desk).code in (
        Exit.OK,
        Exit.BELOW_THRESHOLD,
    )
    use(None)
    done = project("report", "long_chats", "--fail-under", "long_chats=2", "-d", desk)
    assert done.code == Exit.USAGE
    assert "no limit of long_chats" in done.err
