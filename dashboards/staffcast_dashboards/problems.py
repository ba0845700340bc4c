"""What went wrong, in words, with the command that helps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from staffcast.core.errors import StaffcastError

__all__ = ["plain", "show_problem"]

_COMMAND = re.compile(r"`([^`]+)`")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$:])")


def plain(text: str) -> str:
    r"""Text that Markdown shows as it is.

    Example:
        >>> print(plain("a_b *c*"))
        a\_b \*c\*
    """
    return _MARKUP.sub(r"\\\1", text)


def show_problem(error: StaffcastError) -> None:
    """Say what is missing or wrong, and what to run."""
    st.header("Nothing to show yet" if "no data" in error.message else "This cannot be shown")
    st.info(plain(error.message[:1].upper() + error.message[1:]))
    if not error.hint:
        return
    command = _COMMAND.search(error.hint)
    st.markdown(f"What to do: {plain(error.hint.replace('`', ''))}")
    if command:
        st.code(command[1], language="sh")
        st.caption(
            "No data at hand? `staffcast demo` makes a sample desk. This page follows new data by itself."
        )
