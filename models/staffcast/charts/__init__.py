"""Plotly figures from result tables."""

from __future__ import annotations
