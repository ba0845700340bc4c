"""Three random desks for every property of the metrics."""

from __future__ import annotations

import pytest
from tests.property.metrics.rows import Desk, desk_of


@pytest.fixture(scope="session")
def desks() -> dict[int, Desk]:
    return {seed: desk_of(seed) for seed in (1, 2, 3)}
