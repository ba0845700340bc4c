"""Runs the mutants: ``python -m tests.mutation.run [catalogue facts python] [--sample N] [--seed S]``."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from tests.mutation.suite import judge_all, sampled

SAMPLES = {"catalogue": 300, "facts": 60, "python": 100}
LEAST_SHARE = 0.85


def main() -> int:
    """Run the suites; 1 when too many mutants survive in one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=list(SAMPLES), metavar="suite")
    parser.add_argument("--sample", type=int, help="mutants of each suite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="mutants whose place contains this")
    asked = parser.parse_args()
    outcomes = []
    for name in asked.suites:
        suite = importlib.import_module(f"tests.mutation.{name}")
        everything = [mutant for mutant in suite.mutants() if asked.only in mutant.place]
        chosen = sampled(everything, asked.sample or SAMPLES[name], asked.seed)
        print(f"{name}: {len(chosen)} of {len(everything)} mutants", flush=True)
        started = time.monotonic()
        outcome = judge_all(name, chosen, suite.judge())
        outcomes.append(outcome)
        print(f"{outcome} in {time.monotonic() - started:.0f} s", flush=True)
        for mutant in outcome.survivors:
            print(f"  survived {mutant}")
    return 1 if any(outcome.share < LEAST_SHARE for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
