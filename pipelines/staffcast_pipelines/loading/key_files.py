"""Which key file fits the warehouse: a rotation that was cut off leaves two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staffcast.core.errors import WarehouseError
from staffcast.store.sql import statement
from staffcast_pipelines.loading.keys import KEY_FILE, Keyring

if TYPE_CHECKING:
    from staffcast.store.warehouse import Warehouse

__all__ = ["KEY_CHECK", "NEXT_KEY_FILE", "key_check", "open_keyring"]

NEXT_KEY_FILE = f"{KEY_FILE}.next"
"""The key file of a rotation that has not come to its end."""
KEY_CHECK = "key_check"
"""The policy that tells which key file fits."""


def open_keyring(warehouse: Warehouse) -> Keyring:
    """The keys of a warehouse, with their SQL functions installed; made if nothing is loaded yet.

    Raises:
        WarehouseError: The key file is missing though data are loaded, damaged, or of another warehouse.
    """
    con, path = warehouse.con, warehouse.data_dir / KEY_FILE
    following = path.with_name(NEXT_KEY_FILE)
    check = dict(con.execute(statement(__package__, "policies")).fetchall()).get(KEY_CHECK)
    if following.exists():
        if check == key_check(Keyring.read(following)):
            following.replace(path)  # the rotation was stored
        else:
            following.unlink()  # it was not
    ((has_loads,),) = con.execute(statement(__package__, "has_loads")).fetchall()
    keyring = Keyring.open(warehouse.data_dir, create=not has_loads)
    if check is None:
        with warehouse.transaction():
            con.execute(statement(__package__, "set_key_check"), [key_check(keyring)])
    elif check != key_check(keyring):
        raise WarehouseError(
            f"{path} is not the key file that loaded data were hashed with",
            hint="restore the right one from a backup",
        )
    keyring.install(con)
    return keyring


def key_check(keyring: Keyring) -> str:
    """What only these keys give."""
    return keyring.hash("check")
