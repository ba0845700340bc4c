"""Ctrl-C and SIGTERM: the work at hand is undone, said in one line, and the exit code tells which it was."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Stopped", "stoppable"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXIT_BASE = 128
_RETRY_S = 0.05


class Stopped(BaseException):
    """The user, or the system, asked to stop.

    Attributes:
        code: Exit code that shells know for the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = _EXIT_BASE + number

    @property
    def line(self) -> str:
        """What to tell the user."""
        lost = "; ".join(getattr(self, "__notes__", ())) or "what was not finished is undone"
        return f"stopped: {lost} (run the same command again)"


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped on Ctrl-C and SIGTERM, at once even where a query runs for minutes.

    Python handles a signal between two of its instructions, and a query of DuckDB is one instruction. So the
    signal wakes a thread that interrupts the query.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen: list[int] = []
    reading, writing = socket.socketpair()
    writing.setblocking(False)  # noqa: FBT003 - positional only
    is_seen = threading.Event()

    def stop(number: int, _: FrameType | None) -> None:
        seen.append(number)
        is_seen.set()
        raise Stopped(number)

    handlers = {number: signal.signal(number, stop) for number in _SIGNALS}
    wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_interrupt_queries, args=(reading, is_seen), daemon=True)
    watcher.start()
    try:
        yield
    except Stopped:
        raise
    except Exception as error:
        if seen:  # an interrupted query fails in its own words
            raise _renamed(seen[-1], error) from error
        raise
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        is_seen.set()
        writing.close()
        watcher.join()
        reading.close()


def _interrupt_queries(reading: socket.socket, is_seen: threading.Event) -> None:
    while reading.recv(1):
        while not is_seen.wait(_RETRY_S):
            if warehouse := sys.modules.get("staffcast.store.warehouse"):
                warehouse.interrupt_all()


def _renamed(number: int, error: Exception) -> Stopped:
    stopped = Stopped(number)
    for note in getattr(error, "__notes__", ()):
        stopped.add_note(note)
    return stopped
