"""Settings that hold for every test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

IS_CI = bool(os.environ.get("CI"))
"""CI draws the same examples each time: what fails there, fails because of a change. At home they are new."""

# How long an example takes says nothing about right or wrong, and a busy machine is slow.
settings.register_profile("staffcast", deadline=None, derandomize=IS_CI)
settings.load_profile("staffcast")

MOST_EXAMPLES = int(os.environ.get("STAFFCAST_MOST_EXAMPLES", "1000000"))
"""Slow suites draw at most so many examples a test: CI has less time than a night."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cut the number of examples of slow property tests, and draw the same in CI."""
    for item in items:
        own = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
        if own is not None and item.get_closest_marker("slow"):
            n_examples = min(own.max_examples, MOST_EXAMPLES)
            cut = settings(own, max_examples=n_examples, derandomize=own.derandomize or IS_CI)
            item.obj._hypothesis_internal_use_settings = cut  # type: ignore[attr-defined]
