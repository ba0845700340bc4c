"""Command line: `python -m staffcast_sample_data FOLDER --days 56 --seed 7 --scale 1`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from staffcast_sample_data.generate import generate
from staffcast_sample_data.packaged import write_packaged_sample
from staffcast_sample_data.parameters import DeskParameters


def main(arguments: list[str] | None = None) -> None:
    """Write a sample desk to a folder."""
    defaults = DeskParameters()
    parser = argparse.ArgumentParser(
        prog="staffcast_sample_data", description="Generate the export of a chat desk."
    )
    parser.add_argument("folder", type=Path, help="folder to write to; made if missing")
    parser.add_argument("--days", type=int, default=56, help="local days before the end date (default 56)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same bytes (default 7)")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on demand and staff (default 1)")
    parser.add_argument(
        "--end", type=date.fromisoformat, default=defaults.end_date, help="first day after the period"
    )
    parser.add_argument("--packaged", action="store_true", help="write the packaged sample instead")
    chosen = parser.parse_args(arguments)
    if chosen.packaged:
        write_packaged_sample(chosen.folder)
        return
    desk = generate(
        chosen.folder,
        days=chosen.days,
        seed=chosen.seed,
        scale=chosen.scale,
        progress=lambda line: print(line, file=sys.stderr),  # noqa: T201 - this is a command
        parameters=replace(defaults, end_date=chosen.end),
    )
    print(f"{desk.n_conversations} conversations, {desk.n_messages} messages in {desk.folder}")  # noqa: T201


if __name__ == "__main__":
    main()
