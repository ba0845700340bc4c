"""Keyed hashes: the same input gives the same key in one warehouse and says nothing outside it."""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

import polars as pl

from staffcast.core.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["KEY_FILE", "Keyring", "content_expr"]

KEY_FILE = "staffcast.key"
_KEY_BYTES = 32
_HEX_DIGITS = 32


class Keyring:
    """Hashes under the warehouse's secret key, 128 bits as hex; people by HMAC-SHA256.

    Example:
        >>> ring = Keyring(bytes(32))
        >>> len(ring.hash("customer", "c-17"))
        32
        >>> ring.hash("customer", "c-17") == ring.hash("email", "c-17")
        False
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def open(cls, data_dir: Path, *, create: bool) -> Keyring:
        """Read the key file beside the database, or make one.

        Args:
            data_dir: Folder of the warehouse.
            create: Make a key if there is none; only right while nothing is loaded.

        Raises:
            WarehouseError: The key is missing though data are loaded, or damaged.
        """
        path = data_dir / KEY_FILE
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            if not create:
                raise WarehouseError(
                    f"the key file {path} is missing, and loaded data were hashed with it",
                    hint="restore it from a backup, or ingest everything anew into another --data-dir",
                ) from None
            return cls(_create(path))
        except (OSError, ValueError) as error:
            raise WarehouseError(
                f"the key file {path} cannot be read", hint="restore it from a backup"
            ) from error
        if len(key) != _KEY_BYTES:
            raise WarehouseError(f"the key file {path} is damaged", hint="restore it from a backup")
        return cls(key)

    def hash(self, purpose: str, *parts: str) -> str:
        """Hash the parts; equal parts for different purposes give unrelated hashes."""
        message = "".join(f"{len(part)}:{part}" for part in (purpose, *parts))
        return hmac.digest(self._key, message.encode(), "sha256").hex()[:_HEX_DIGITS]

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
        prefix, key = f"{len(purpose)}:{purpose}", self._key
        hashes = [
            None
            if text is None
            else blake2b(
                (prefix + text).encode("utf-8", "surrogatepass"), digest_size=16, key=key
            ).hexdigest()
            for text in texts
        ]
        return pl.Series(hashes, dtype=pl.String)


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


def _create(path: Path) -> bytes:
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(key.hex() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise WarehouseError(
            f"cannot write the key file {path}: {error.strerror}", hint="check the folder's owner and mode"
        ) from error
    return key
