"""``staffcast erase``: a person asks to be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from staffcast_cli.output import FormatOption, OutputOption, say, show
from staffcast_cli.progress import build_bar
from staffcast_cli.session import DataDirOption
from staffcast_cli.writing import (
    AccountOption,
    ByOption,
    CustomerArgument,
    LinkedOption,
    SourceOption,
    YesOption,
    confirm,
    kind,
    named,
    open_warehouse,
    say_unreachable,
)

if TYPE_CHECKING:
    import polars as pl

    from staffcast_pipelines.lifecycle import Erasure


def command(
    customer: CustomerArgument,
    by: ByOption = None,
    source: SourceOption = "default",
    account: AccountOption = "default",
    linked: LinkedOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only, change nothing.")] = False,
    yes: YesOption = False,
    fmt: FormatOption = None,
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Erase a person: texts and identifiers go from tables, facts, older copies and backups; numbers stay.

    A receipt with counts is printed and kept, without the name. Loading the old export again does not bring
    the person back. It cannot reach: backups that are moved away (they are named; `staffcast restore` repeats
    the erasure), your exports, the chat system, and what other people wrote about the person.
    """
    from staffcast_pipelines.lifecycle import erase

    now = datetime.now(UTC)
    with open_warehouse(data_dir, resume=not dry_run) as (warehouse, settings):
        erase_them = partial(
            erase,
            warehouse,
            settings,
            named(customer),
            source=source,
            source_account=account,
            known_by=kind(by),
            now=now,
        )
        found = erase_them(linked=linked, dry_run=True)
        n_linked = 0 if linked else erase_them(linked=True, dry_run=True).n_customers - found.n_customers
        if n_linked:
            say(f"{n_linked} other customers share an e-mail address or phone: --linked takes them, too")
        if not dry_run:
            if found.n_customers:
                confirm(f"Erase {sum(found.n_rows.values()):,} rows? This cannot be undone.", yes=yes)
            with build_bar() as progress:
                found = erase_them(linked=linked, progress=progress)
    show(_receipt(found), fmt=fmt, output=output)
    if not found.n_rows:
        say("nothing is left of this person: they were erased before")
    say_unreachable(found.unreachable_backups)


def _receipt(erasure: Erasure) -> pl.DataFrame:
    import polars as pl

    stamp = (erasure.receipt, erasure.erased_at.isoformat(timespec="seconds"))
    rows: list[tuple[str, str, str, int | None, str]] = [
        (*stamp, table, n_rows, "") for table, n_rows in erasure.n_rows.items()
    ]
    rows.append((*stamp, "quarantine", None, "keeps no content, only keyed fingerprints"))
    rows += [(*stamp, "backup", None, f"treated: {path}") for path in erasure.backups]
    rows += [
        (*stamp, "backup", None, f"NOT treated: {path}: {problem}")
        for path, problem in erasure.unreachable_backups
    ]
    schema = {
        "receipt": pl.String,
        "erased_at": pl.String,
        "what": pl.String,
        "rows": pl.Int64,
        "note": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
