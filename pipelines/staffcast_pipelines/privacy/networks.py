"""Internet addresses, of both versions."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from staffcast_pipelines.privacy.views import Span

__all__ = ["find_ips"]

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_V4 = re.compile(rf"(?<![\w.-])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-]|\.[0-9])")
_V6 = re.compile(
    rf"(?<![\w:.])(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}(?:(?:{_OCTET}\.){{3}}{_OCTET}|[0-9A-Fa-f]{{0,4}})(?![\w:]|\.[0-9])"
)
_COUNTED = re.compile(
    r"(?i)(?:version|release|firmware|build|v|ver|section|chapter|clause|kapitel|abschnitt|§|update|patch|artikel)"
    r"[.:]?\s{0,2}(?:to\s)?$"
)
_CUE_LENGTH = 16
_FEWEST_V6_DIGITS = 3


def find_ips(text: str) -> list[Span]:
    """Stretches of a view that are IP addresses, but for what is called a version or a section.

    Example:
        >>> text = "2001:db8::1 or 10.0.0.1, version 1.2.3.4"
        >>> [text[a:b] for a, b in find_ips(text)]
        ['2001:db8::1', '10.0.0.1']
    """
    spans = [match.span() for match in _V6.finditer(text) if _is_v6(match[0])] if ":" in text else []
    for match in _V4.finditer(text) if text.count(".") > 2 else ():
        before = text[max(0, match.start() - _CUE_LENGTH) : match.start()]
        if not _COUNTED.search(before) and not any(start <= match.start() < end for start, end in spans):
            spans.append(match.span())
    return sorted(spans)


def _is_v6(text: str) -> bool:
    if sum(character.isalnum() for character in text) < _FEWEST_V6_DIGITS or not any(
        map(str.isdecimal, text)
    ):
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
