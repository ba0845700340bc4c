"""Lists of words, written as text."""

from __future__ import annotations

__all__ = ["word_list", "word_set"]


def word_list(text: str) -> tuple[str, ...]:
    """The words of a text, in order.

    Example:
        >>> word_list("call dial")
        ('call', 'dial')
    """
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The words of a text, to be asked whether they hold one."""
    return frozenset(text.split())
