"""The dashboard of a checkout: ``streamlit run dashboards/app.py``."""

from __future__ import annotations

from staffcast_dashboards.app import main

main()
