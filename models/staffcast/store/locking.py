"""The lock of a warehouse folder: one writer at a time, also while its files are being swapped."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from staffcast.core.errors import WarehouseError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LOCK_FILE", "FolderLock"]

LOCK_FILE = "warehouse.lock"


class FolderLock:
    """Held from creation to ``release``; the operating system frees it when the process dies.

    DuckDB locks its file, but an erasure replaces that file by a new one: whoever waited for the old file
    would write into nowhere.

    Args:
        data_dir: Folder of the warehouse.

    Raises:
        WarehouseError: Another process holds the lock, or the folder cannot be written.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> lock = FolderLock(Path(tempfile.mkdtemp()))
        >>> lock.release()
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK_FILE
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise WarehouseError(
                f"cannot write to {data_dir}: {error.strerror}", hint="check its owner and mode"
            ) from error
        try:
            _lock(self._handle)
        except OSError as error:
            holder = os.read(self._handle, 20).decode("ascii", "replace").strip()
            os.close(self._handle)
            whom = f"process {holder}" if holder.isdigit() else "another process"
            raise WarehouseError(
                f"{data_dir} is in use by {whom}", hint="wait for it to end, or stop it"
            ) from error
        os.truncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let the next one in; the file stays, since removing it could free a lock that another took."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
