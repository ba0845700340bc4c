"""The Streamlit dashboard."""

from __future__ import annotations
