"""Keyed hashes: the same input gives the same key in one warehouse and says nothing outside it.

The key file holds a chain of keys. A rotation appends one: whatever was stored under the old chain is hashed
once more with the new key, and whatever is loaded later goes through the whole chain, so both meet again.
A stolen older key file then opens nothing that the warehouse holds now.
"""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.errors import WarehouseError
from staffcast.store.sql import statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Self

    import duckdb

__all__ = ["KEY_FILE", "Keyring", "content_expr", "message"]

KEY_FILE = "staffcast.key"
_KEY_BYTES = 32
_HEX_DIGITS = 32
_PSEUDONYM_DIGITS = 12
_BLOCK_BYTES = 64
_MADE_UP = "~"
"""First character of an identifier that was made up for a row without one."""


class Keyring:
    """Hashes under the warehouse's secret keys, 128 bits as hex; people by HMAC-SHA256.

    Example:
        >>> ring = Keyring(bytes(32))
        >>> len(ring.hash("customer", "c-17"))
        32
        >>> ring.hash("customer", "c-17") == ring.hash("email", "c-17")
        False
        >>> newer = Keyring(bytes(32), bytes(31) + b"x")
        >>> newer.rehash(ring.hash("customer", "c-17")) == newer.hash("customer", "c-17")
        True
    """

    def __init__(self, *keys: bytes) -> None:
        self._keys = keys

    @classmethod
    def open(cls, data_dir: Path, *, create: bool) -> Self:
        """Read the key file beside the database, or make one.

        Args:
            data_dir: Folder of the warehouse.
            create: Make a key if there is none; only right while nothing is loaded.

        Raises:
            WarehouseError: The key is missing though data are loaded, or damaged.
        """
        path = data_dir / KEY_FILE
        if path.exists():
            return cls.read(path)
        if not create:
            raise WarehouseError(
                f"the key file {path} is missing, and loaded data were hashed with it",
                hint="restore it from a backup, or ingest everything anew into another --data-dir",
            )
        ring = cls(secrets.token_bytes(_KEY_BYTES))
        ring.save(path)
        return ring

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a key file.

        Raises:
            WarehouseError: It is missing or damaged.
        """
        try:
            keys = [bytes.fromhex(line) for line in path.read_text(encoding="ascii").split()]
        except (OSError, ValueError) as error:
            raise WarehouseError(
                f"the key file {path} cannot be read", hint="restore it from a backup"
            ) from error
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise WarehouseError(f"the key file {path} is damaged", hint="restore it from a backup")
        return cls(*keys)

    def since(self, older: Keyring) -> list[Self] | None:
        """The keyrings from the one after ``older`` to this one, or None if this one does not continue it.

        Example:
            >>> old = Keyring(bytes(32))
            >>> new = old.rotated()
            >>> len(new.since(old)), new.since(new), old.since(new)
            (1, [], None)
        """
        n_older = len(older._keys)
        if self._keys[:n_older] != older._keys:
            return None
        return [type(self)(*self._keys[:n]) for n in range(n_older + 1, len(self._keys) + 1)]

    def rotated(self) -> Self:
        """This keyring with a fresh key at the end of its chain."""
        return type(self)(*self._keys, secrets.token_bytes(_KEY_BYTES))

    def save(self, path: Path) -> None:
        """Write the key file, readable by its owner only, whole or not at all.

        Raises:
            WarehouseError: It cannot be written.
        """
        unfinished = path.with_name(f"{path.name}.tmp")
        try:
            unfinished.unlink(missing_ok=True)
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.writelines(f"{key.hex()}\n" for key in self._keys)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(path)
        except OSError as error:
            raise WarehouseError(
                f"cannot write the key file {path}: {error.strerror}",
                hint="check the folder's owner, mode and free space",
            ) from error

    def install(self, con: duckdb.DuckDBPyConnection) -> None:
        """Give a connection the SQL functions ``person_key``, ``row_key`` and ``rehash``, like those here.

        ``person_key(text)`` equals ``hash`` of the same message, ``row_key(number)`` fingerprints the hash of
        a row's cells, ``rehash(text)`` and ``rehash_row(number)`` add the newest key only.
        """
        for number, key in enumerate(self._keys):
            for name, pad in (("inner", 0x36), ("outer", 0x5C)):
                padded = bytes(byte ^ pad for byte in key.ljust(_BLOCK_BYTES, b"\0"))
                con.execute(statement(__package__, "set_key", variable=f"{name}_{number}"), [padded])
            con.execute(statement(__package__, "set_key", variable=f"row_{number}"), [key[:16].hex()])
            con.execute(statement(__package__, "key_functions", number=f"_{number}"))
            chain = "first" if number == 0 else "next"
            before = {} if number == 0 else {"before": f"_{number - 1}"}
            con.execute(statement(__package__, f"key_chain_{chain}", number=f"_{number}", **before))
        con.execute(statement(__package__, "key_names", last=f"_{len(self._keys) - 1}"))

    def hash(self, purpose: str, *parts: str) -> str:
        """Hash the parts; equal parts for different purposes give unrelated hashes."""
        found = _hmac(self._keys[0], message(purpose, *parts))
        for key in self._keys[1:]:
            found = _hmac(key, found)
        return found

    def pseudonym(self, purpose: str, *parts: str) -> str:
        """A short hash for people to read; each key of the chain hashes the short one before it."""
        found = _hmac(self._keys[0], message(purpose, *parts))[:_PSEUDONYM_DIGITS]
        for key in self._keys[1:]:
            found = _hmac(key, found)[:_PSEUDONYM_DIGITS]
        return found

    def rehash(self, hashed: str) -> str:
        """Hash made under the chain without its newest key, as it is under the whole chain."""
        return _hmac(self._keys[-1], hashed)

    def hash_each(self, purpose: str, column: pl.Series, *scope: str) -> pl.Series:
        """Hash a column with few different values, nulls staying null.

        Args:
            purpose: What the hash is for.
            column: The values.
            scope: Parts that go before each value, such as the source.
        """
        values = column.drop_nulls().unique()
        hashes = pl.Series([self.hash(purpose, *scope, value) for value in values], dtype=pl.String)
        return column.replace_strict(values, hashes, default=None, return_dtype=pl.String)

    def fingerprints(self, purpose: str, texts: Iterable[str | None]) -> pl.Series:
        """Fingerprint whole rows, nulls staying null: keyed BLAKE2b, three times as fast as HMAC."""
        prefix = f"{len(purpose)}:{purpose}"
        first, *others = self._keys
        hashes: list[str | None] = []
        for text in texts:
            found = None
            if text is not None:
                found = _fingerprint(first, (prefix + text).encode("utf-8", "surrogatepass"))
                for key in others:
                    found = _hmac(key, found)
            hashes.append(found)
        return pl.Series(hashes, dtype=pl.String)

    def identifiers(self, purpose: str, texts: Iterable[str | None]) -> pl.Series:
        """Identifiers for rows without one: marked fingerprints of what tells the row apart."""
        return pl.select(pl.lit(_MADE_UP) + self.fingerprints(purpose, texts)).to_series()


def content_expr(columns: Iterable[str]) -> pl.Expr:
    """Unambiguous text of a row's non-null cells: it stays the same when columns are added later.

    Example:
        >>> frame = pl.DataFrame({"a": ["x"], "b": [None], "c": [1]})
        >>> frame.select(content_expr(["a", "b", "c"])).item()
        'a=1:x;c=1:1;'
    """
    cells = []
    for name in sorted(columns):
        text = pl.col(name).cast(pl.String)
        cell = pl.format(f"{name}={{}}:{{}};", text.str.len_chars(), text)
        cells.append(pl.when(text.is_null()).then(pl.lit("")).otherwise(cell))
    return pl.concat_str(cells)


def message(purpose: str, *parts: str) -> str:
    """What is hashed: each part with its length, so that no two lists of parts give the same text.

    Example:
        >>> message("customer", "web", "17")
        '8:customer3:web2:17'
    """
    return "".join(f"{len(part)}:{part}" for part in (purpose, *parts))


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()[:_HEX_DIGITS]


def _fingerprint(key: bytes, data: bytes) -> str:
    return blake2b(data, digest_size=_HEX_DIGITS // 2, key=key).hexdigest()
