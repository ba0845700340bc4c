"""Ctrl-C and SIGTERM at any moment: one line, the exit code of the signal, and nothing half-done."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.crash.trials import scratch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.places import Ended
    from tests.crash.trials import Trial

_TRIES = 20


def check_words(ended: Ended, how: signal.Signals) -> bool:
    """Whether it was stopped; if so, in one line and with the exit code of the signal."""
    assert "Traceback" not in ended.err
    if ended.code == 0:
        return False
    assert ended.code == 128 + how, ended.err
    lines = [line for line in ended.err.splitlines() if line.startswith("stopped")]
    assert len(lines) == 1, ended.err
    assert ended.err.rstrip().endswith(lines[0])
    return True


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["first ingest", "second ingest"])
def test_stopped_at_any_time(
    typed: dict[str, Trial], command: str, how: signal.Signals, tmp_path: Path
) -> None:
    trial, rng = typed[command], np.random.default_rng(int(how))
    n_stopped, seconds = 0, trial.seconds
    for _ in range(_TRIES):
        place = scratch(tmp_path, trial)
        ended = trial.start(place).wait(stop_after_s=rng.uniform(0.02, seconds), how=how)
        if ended.code == -how:  # before the command had begun
            continue
        is_stopped = check_words(ended, how)
        n_stopped += is_stopped
        # The run that was timed may have had a busier machine.
        seconds = seconds if is_stopped else min(seconds, max(ended.seconds, 0.03))
        trial.check_cut_off(place, ended, looks_inside=False)
        trial.check_rerun(place)
    assert n_stopped >= _TRIES // 4
