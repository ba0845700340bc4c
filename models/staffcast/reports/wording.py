"""How numbers are written for people: one rule per unit, a dash where there is none."""

from __future__ import annotations

from staffcast.core.enums import NullReason
from staffcast.core.units import is_currency

__all__ = ["DASH", "REASONS", "format_change", "format_interval", "format_value"]

DASH = "–"

REASONS: dict[str, str] = {
    NullReason.NO_COLUMN: "not in the data",
    NullReason.ALL_NULL: "not recorded",
    NullReason.DENOMINATOR_ZERO: "nothing to count",
    NullReason.WINDOW_CENSORED: "too recent to tell",
    NullReason.NO_CALENDAR: "no opening hours",
    NullReason.PARTIAL_SOURCE: "the data are incomplete",
    NullReason.BELOW_MIN_N: "too few",
    NullReason.SUPPRESSED: "withheld",
}
"""What a missing value means, in words."""


def format_value(value: float | None, unit: str) -> str:
    """Write a value in its unit.

    Example:
        >>> format_value(0.8241, "share"), format_value(95.4, "s"), format_value(7384.0, "s")
        ('82.4 %', '1 min 35 s', '2 h 3 min')
        >>> format_value(12345.0, "conversations"), format_value(None, "share")
        ('12,345', '–')
        >>> format_value(6.2, "EUR")
        '6.20 EUR'
    """
    if value is None:
        return DASH
    match unit:
        case "share":
            return f"{value * 100:.1f} %"
        case "s":
            return _duration(value)
        case "conversations":
            return f"{value:,.0f}"
        case "points":
            return f"{value:.0f}"
        case _:
            return f"{value:,.2f} {unit}" if is_currency(unit) else f"{value:,.2f}"


def format_interval(low: float | None, high: float | None, unit: str) -> str:
    """Write a confidence interval, or nothing.

    Example:
        >>> format_interval(0.81, 0.84, "share")
        '81.0 % to 84.0 %'
    """
    if low is None or high is None:
        return ""
    return f"{format_value(low, unit)} to {format_value(high, unit)}"


def format_change(change: float | None, unit: str) -> str:
    """Write a change with its sign; a change that rounds to nothing has none.

    Example:
        >>> format_change(-0.00001, "share"), format_change(0.021, "share"), format_change(-12.0, "s")
        ('0.0 pts', '+2.1 pts', '-12 s')
    """
    if change is None:
        return DASH
    if unit == "share":
        rounded = round(change * 100, 1)
        return f"{rounded:+.1f} pts" if rounded else "0.0 pts"
    text = format_value(abs(change), unit)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if change > 0 else "-") + text


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 and seconds != whole else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
