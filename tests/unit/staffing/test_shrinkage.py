from __future__ import annotations

import math

import pytest

from staffcast.core.errors import ModelError
from staffcast.staffing import Shrinkage


def test_the_absent_take_no_break() -> None:
    shrinkage = Shrinkage(absent={"holiday": 0.2}, present={"breaks": 0.1})
    assert shrinkage.share == pytest.approx(1 - 0.8 * 0.9)
    assert shrinkage.scheduled(18) == pytest.approx(25)


def test_what_each_category_takes_adds_up() -> None:
    shrinkage = Shrinkage(
        absent={"holiday": 0.1, "sickness": 0.07}, present={"breaks": 0.1, "coaching": 0.04}
    )
    lost = shrinkage.lost_agents(20)
    assert list(lost) == ["holiday", "sickness", "breaks", "coaching"]
    assert sum(lost.values()) == pytest.approx(shrinkage.scheduled(20) - 20)
    assert shrinkage.lost_agents([0, 20])["breaks"] == pytest.approx([0, lost["breaks"]])


def test_no_shrinkage_schedules_the_required() -> None:
    assert Shrinkage().scheduled(7) == 7
    assert Shrinkage().lost_agents(7) == {}


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ({"absent": {"a": 0.6, "b": 0.4}}, "absent: 1 in all leaves nobody"),
        ({"present": {"a": 1.2}}, "present: 1.2 in all"),
        ({"present": {"breaks": -0.1}}, r"present\['breaks'\]: -0.1"),
        ({"absent": {"sickness": math.nan}}, r"absent\['sickness'\]: nan"),
    ],
)
def test_shares_that_leave_nobody_are_refused(kinds: dict[str, dict[str, float]], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Shrinkage(**kinds)
