"""How the packaged app is started: the command line of its own process.

Streamlit reads its settings before the app runs, so all of them are flags here. Nothing is loaded from
or sent to another machine: no usage statistics, no fonts, and the server listens on this machine only.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["DEFAULT_PORT", "OPTIONS", "command"]

DEFAULT_PORT = 8501

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

OPTIONS: dict[str, str] = {
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "theme.font": _FONT,
    "theme.headingFont": _FONT,
    "theme.baseFontSize": "15",
    "theme.headingFontSizes": '["1.6rem", "1.2rem", "1.05rem"]',
    "theme.headingFontWeights": "[650, 600, 600]",
    "theme.metricValueFontSize": "1.6rem",
    "theme.paddingTop": "2.5rem",
    "theme.paddingBottom": "2rem",
    "theme.baseRadius": "0.5rem",
    "theme.light.primaryColor": "#0072b2",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f5f6f8",
    "theme.light.textColor": "#1f2430",
    "theme.light.borderColor": "#e1e4ea",
    "theme.light.greenColor": "#00795c",
    "theme.light.redColor": "#b3440b",
    "theme.light.greenTextColor": "#00694f",
    "theme.light.redTextColor": "#a33b06",
    "theme.dark.primaryColor": "#3a87c8",
    "theme.dark.backgroundColor": "#14171d",
    "theme.dark.secondaryBackgroundColor": "#1d212a",
    "theme.dark.textColor": "#e6e9ef",
    "theme.dark.borderColor": "#323844",
    "theme.dark.greenColor": "#3cc79c",
    "theme.dark.redColor": "#f08c4f",
    "theme.dark.greenTextColor": "#3cc79c",
    "theme.dark.redTextColor": "#f08c4f",
}
"""Settings of Streamlit for this app; red and green are told apart by lightness and hue alike."""


def command(*, port: int = DEFAULT_PORT, open_browser: bool = True) -> list[str]:
    """The command that serves the dashboard on this machine.

    Args:
        port: Where to listen.
        open_browser: Whether to open a browser window.

    Example:
        >>> command(port=8600, open_browser=False)[1:4]
        ['-m', 'streamlit', 'run']
    """
    options = OPTIONS | {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "false" if open_browser else "true",
    }
    app = Path(__file__).with_name("served") / "app.py"
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(app), *flags]
