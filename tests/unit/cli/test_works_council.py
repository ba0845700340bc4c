"""The profile on the command line: on by a setting, for good by a lock, off by its key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from staffcast.store.generations import open_generation
from staffcast_sample_data import packaged_sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Staffcast = Callable[..., Any]

BY_AGENT = ("report", "missed_offer_rate", "--by", "agent_id", "-d", "data")
SETTING = "STAFFCAST_WORKS_COUNCIL"


def test_locked_and_unlocked(staffcast: Staffcast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert staffcast("ingest", packaged_sample(), "-d", "data").code == 0
    assert staffcast(*BY_AGENT).code == 0

    locked = staffcast("works-council", "--lock", "--min-group", "6", "-d", "data")
    assert locked.code == 0
    key = locked.out.strip()
    assert re.fullmatch(r"[0-9a-f]{30}", key)
    refused = staffcast(*BY_AGENT)
    assert refused.code == 2
    assert "works-council profile" in refused.err

    monkeypatch.setenv(SETTING, "off")
    monkeypatch.setenv("STAFFCAST_MIN_GROUP", "2")
    assert staffcast("ingest", packaged_sample(), "-d", "data").code == 0
    assert staffcast(*BY_AGENT).code == 2
    shown = staffcast("config", "show", "-d", "data", "-f", "csv").out
    assert "works_council,on,locked" in shown
    assert "min_group,6,locked" in shown
    assert "on (locked)" in staffcast("doctor", "-d", "data", "-f", "csv").out
    state = staffcast("works-council", "-d", "data", "-f", "csv").out
    assert "profile,locked" in state
    assert "groups of 6 or more" in state
    assert "locked for groups of 6" in state

    assert staffcast("works-council", "--lock", "-d", "data").code == 1
    assert staffcast("works-council", "--unlock", "wrong", "-d", "data").code == 1
    assert staffcast(*BY_AGENT).code == 2
    assert staffcast("works-council", "--unlock", key, "-d", "data").code == 0
    assert staffcast(*BY_AGENT).code == 2  # what is published stays as it is
    assert staffcast("works-council", "--apply", "-d", "data").code == 0
    assert staffcast(*BY_AGENT).code == 0


def test_a_setting_is_enough(staffcast: Staffcast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert staffcast("ingest", packaged_sample(), "-d", "data").code == 0
    monkeypatch.setenv(SETTING, "on")
    early = staffcast("report", "-d", "data")
    assert early.code == 2
    assert "works-council --apply" in early.err
    assert staffcast("works-council", "--apply", "-d", "data").code == 0
    assert staffcast(*BY_AGENT).code == 2
    monkeypatch.delenv(SETTING)
    assert staffcast(*BY_AGENT).code == 2
    assert staffcast("ingest", packaged_sample(), "-d", "data").code == 0


def test_loading_more_under_the_profile(
    staffcast: Staffcast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SETTING, "on")
    assert staffcast("ingest", packaged_sample(), "-d", "data").code == 0
    more = tmp_path / "more"
    more.mkdir()
    (more / "conversations.csv").write_text("conversation_id,created_at\nx1,2026-10-27T09:00:00Z\n")
    assert staffcast("ingest", more, "-d", "data").code == 0
    with open_generation(tmp_path / "data") as reader:
        assert reader.min_group == 5
        assert reader.run("select 1 from fact_conversation where conversation_id = 'x1'").height == 1
        assert not reader.run("select 1 from fact_leg where agent_id like 'agent%'").height


@pytest.mark.parametrize(
    "arguments", [["--lock", "--apply"], ["--lock", "--unlock", "x"], ["--lock", "--min-group", "1"]]
)
def test_wrong_options(arguments: list[str], staffcast: Staffcast) -> None:
    assert staffcast("works-council", *arguments, "-d", "data").code == 2
