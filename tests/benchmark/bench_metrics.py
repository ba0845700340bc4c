"""Build and metrics at two sizes: ``python -m tests.benchmark.bench_metrics [CONVERSATIONS]``.

Makes the desk of bench_incremental at a quarter of the size and at the whole (1,000,000 conversations of ten
messages and 60 agents unless said otherwise; agents grow with conversations, so that each holds as many),
builds both and times every metric over all days, and the queries of a page of key figures over 30 days. The
growth exponent is log(ratio of processor times) / log(4).
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.benchmark.bench_incremental import AGENTS, DAYS, HOURS, PEOPLE, START_US, fill, timed_build

from staffcast.metrics import catalogue, query
from staffcast.reports.tiles import TILES
from staffcast.store.generations import open_generation
from staffcast.store.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from staffcast.store.generations import Reader

PAGE = (("2025-09-01", "2025-10-01"),)
"""The 30 days of a page of key figures."""

GROWTH = 4


def make(folder: Path, n: int) -> tuple[float, float]:
    """Fill and build a desk of n conversations; wall and processor seconds of the build."""
    with Warehouse.open(folder, create=True) as warehouse:
        n_agents = max(n * 60 // 1_000_000, 1)
        fill(warehouse, first=0, n=n, days=DAYS, from_us=START_US, load=1, n_agents=n_agents)
        warehouse.con.execute(AGENTS, {"n_agents": n_agents})
        warehouse.con.execute(PEOPLE, {"n_customers": 1 + n // 3})
        warehouse.con.execute(
            "insert into queues by name select 's' as source, 'a' as source_account, queue, $hours as hours,"
            " 1 as row_hash, 1 as load_id from (select distinct queue from conversations) named",
            {"hours": HOURS},
        )
        warehouse.con.execute("checkpoint")
        return timed_build(warehouse, f"{n:,}", full=True)


def cost(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds: the middle of three."""
    walls, cpus = [], []
    for _ in range(3):
        wall, cpu = time.monotonic(), time.process_time()
        action()
        walls.append(time.monotonic() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)


def page(reader: Reader) -> None:
    """What the tiles of the overview ask for, without the comparison."""
    query(reader, [name for name, _, _ in TILES], period=PAGE[0])


def main() -> None:
    large = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    sizes = (large // GROWTH, large)
    with TemporaryDirectory() as name:
        folders = [Path(name) / str(n) for n in sizes]
        builds = [make(folder, n) for folder, n in zip(folders, sizes, strict=True)]
        readers = [open_generation(folder, time_limit_s=600) for folder in folders]
        print(f"build: growth exponent {exponent(builds):.2f} (CPU)")
        print(f"\n{'metric':32} {sizes[0]:>12,} {sizes[1]:>12,}  wall s; exponent by CPU")
        total = [[0.0, 0.0], [0.0, 0.0]]
        for record in catalogue():
            costs = [cost(lambda r=reader, m=record.id: query(r, m)) for reader in readers]  # type: ignore[misc]
            for sums, pair in zip(total, costs, strict=True):
                sums[0] += pair[0]
                sums[1] += pair[1]
            print(f"{record.id:32} {costs[0][0]:12.3f} {costs[1][0]:12.3f}  {exponent(costs):.2f}")
        print(f"{'all':32} {total[0][0]:12.3f} {total[1][0]:12.3f}  {exponent(total):.2f}")
        for n, reader in zip(sizes, readers, strict=True):
            wall, cpu = cost(lambda r=reader: page(r))  # type: ignore[misc]
            print(f"30-day page at {n:,}: {wall * 1000:.0f} ms wall, {cpu * 1000:.0f} ms CPU")
        for reader in readers:
            reader.close()


def exponent(costs: list[tuple[float, float]] | list[list[float]]) -> float:
    """How the processor time grows with the size: 1 is proportional."""
    small, big = (max(pair[1], 1e-4) for pair in costs)
    return math.log(big / small) / math.log(GROWTH)


if __name__ == "__main__":
    main()
