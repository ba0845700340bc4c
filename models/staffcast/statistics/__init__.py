"""Intervals and survival curves: arrays in, numbers out."""

from __future__ import annotations
