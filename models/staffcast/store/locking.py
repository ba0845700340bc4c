"""The lock of a warehouse folder: one writer at a time, also while its files are being swapped."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from staffcast.core.errors import WarehouseError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LOCK_FILE", "FolderLock"]

LOCK_FILE = "warehouse.lock"
_TRIES = 20
_RETRY_S = 0.05


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
        path = data_dir / LOCK_FILE
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _refusal(data_dir, error) from error
        try:
            _lock(self._handle)
        except OSError as error:
            whom = _holder(path)
            os.close(self._handle)
            raise WarehouseError(
                f"{data_dir} is in use by {whom}", hint="wait for it to end, or stop it"
            ) from error
        try:
            os.truncate(self._handle, 0)
            os.write(self._handle, f"{os.getpid()}\n".encode())
        except OSError as error:
            os.close(self._handle)
            raise _refusal(data_dir, error) from error

    def release(self) -> None:
        """Let the next one in; the file stays, since removing it could free a lock that another took."""
        if self._handle >= 0:
            with suppress(OSError):
                os.truncate(self._handle, 0)  # before the next one is told of us
            os.close(self._handle)
            self._handle = -1


def _refusal(data_dir: Path, error: OSError) -> WarehouseError:
    return WarehouseError(
        f"cannot write to {data_dir}: {error.strerror}", hint="check its owner and mode, and free disk space"
    )


def _holder(path: Path) -> str:
    """Who holds the lock; who has only just taken it has not written its number yet."""
    for _ in range(_TRIES):
        with suppress(OSError):  # Windows lets nobody read what is locked
            holder = path.read_text(encoding="ascii", errors="replace").strip()
            if holder.isdigit():
                return f"process {holder}"
        time.sleep(_RETRY_S)
    return "another process"


if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
