"""``python -m staffcast_dashboards PORT [--no-browser]``: serves the packaged app.

The command line starts the dashboard as a process of its own, so that neither needs the other's modules.
"""

from __future__ import annotations

import os
import sys

from staffcast_dashboards.launch import command

if __name__ == "__main__":
    arguments = command(port=int(sys.argv[1]), open_browser="--no-browser" not in sys.argv)
    os.execv(sys.executable, arguments)  # noqa: S606 - our own interpreter and app
