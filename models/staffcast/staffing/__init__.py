"""Required agents: Erlang B, C, A and Erlang Chat."""

from __future__ import annotations
