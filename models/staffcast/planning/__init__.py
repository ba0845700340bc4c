"""Joins facts, forecast and staffing models into a plan."""

from __future__ import annotations
