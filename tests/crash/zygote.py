"""A process that imports once and forks a child for every request, so that a trial costs no import.

Requests are JSON lines on the standard input: ``{"call": "module:function", ...}`` starts a child and answers
with its id, ``{"wait": id}`` answers with how it ended. What a child prints goes into two files.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import Any

from tests.crash import actions


def _call(request: dict[str, Any]) -> int:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), number)
    os.chdir(request["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module, name = request["call"].split(":")
    try:
        code = getattr(import_module(module), name)(*request["arguments"], **request["options"])
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - what gets here is what the test is about
        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code or 0)


def main() -> None:
    """Answer requests until the input ends."""
    actions.preload()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
        else:
            answer = os.fork()
            if not answer:
                code = 98
                try:
                    code = _call(request)
                finally:
                    os._exit(code)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
