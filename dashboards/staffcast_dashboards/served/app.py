"""Streamlit runs this file; run it with ``staffcast dashboard``."""

from __future__ import annotations

from staffcast_dashboards.app import main

main()
