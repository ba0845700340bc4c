"""Everything that is stored of a person, as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from staffcast.core.enums import SenderType
from staffcast.store.schema import Kind, canonical_table
from staffcast.store.sql import statement
from staffcast_pipelines.lifecycle.people import ROWS_BY, find_person, mark_rows
from staffcast_pipelines.loading.key_files import open_keyring
from staffcast_pipelines.works_council.policy import are_pseudonyms

if TYPE_CHECKING:
    from staffcast.store.warehouse import Warehouse
    from staffcast_pipelines.lifecycle.people import KnownBy

__all__ = ["export_person"]

_PACKAGE = "staffcast_pipelines.lifecycle"


def export_person(
    warehouse: Warehouse,
    customer: str,
    *,
    source: str = "default",
    source_account: str = "default",
    known_by: KnownBy | None = None,
    linked: bool = False,
) -> dict[str, Any]:
    """Collect the rows of a person from all tables, texts as they are stored.

    Where agents are stored under pseudonyms, theirs are left out: they are other people's data.

    Args:
        warehouse: The open warehouse, in no transaction.
        customer: A customer id, an e-mail address or a phone number.
        source: Name of the export that the customer id is of.
        source_account: Workspace in it.
        known_by: What ``customer`` is; found out by default.
        linked: Take customers who share an e-mail address or phone for the same person.

    Returns:
        ``customers`` (the keys they are stored under), ``tables`` (rows by table), ``identifiers`` and
        ``name_words`` (keyed hashes) and ``files`` (where the rows came from).

    Raises:
        DataQualityError: Nobody is known by it.
    """
    con = warehouse.con
    keyring = open_keyring(warehouse)
    person = find_person(
        con, keyring, customer, source=source, source_account=source_account, known_by=known_by, linked=linked
    )
    with warehouse.transaction(keep=False):
        mark_rows(con, person.keys)
        tables = {table: _rows(warehouse, table) for table in ROWS_BY}
        if are_pseudonyms(con):
            tables = {table: [_without_agents(row, table) for row in rows] for table, rows in tables.items()}
        loads = sorted({row["load_id"] for rows in tables.values() for row in rows})
        return {
            "customers": list(person.keys),
            "tables": {table: rows for table, rows in tables.items() if rows},
            "identifiers": con.sql(statement(_PACKAGE, "show_identities")).pl().to_dicts(),
            "name_words": con.sql(statement(_PACKAGE, "show_terms")).pl().to_dicts(),
            "files": con.sql(statement(_PACKAGE, "show_files"), params={"load_ids": loads}).pl().to_dicts(),
        }


def _rows(warehouse: Warehouse, table: str) -> list[dict[str, Any]]:
    columns = canonical_table(table).columns
    times = tuple(f"{column.name}_us" for column in columns if column.kind is Kind.TIME)
    order = (*times[:1], *canonical_table(table).key)
    text = statement(_PACKAGE, "show_rows", table=table, order=order)
    rows: list[dict[str, Any]] = warehouse.con.sql(text, params={"table": table}).pl().to_dicts()
    return rows


def _without_agents(row: dict[str, Any], table: str) -> dict[str, Any]:
    kinds = {column.name: column.kind for column in canonical_table(table).columns}
    is_customer = row.get("sender_type") == SenderType.CUSTOMER
    hidden = {
        name
        for name, kind in kinds.items()
        if kind is Kind.AGENT or (kind is Kind.SENDER and not is_customer)
    }
    return {name: None if name in hidden else cell for name, cell in row.items()}
