"""Settings that hold for every test."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says nothing about right or wrong, and a busy machine is slow.
settings.register_profile("staffcast", deadline=None)
settings.load_profile("staffcast")
