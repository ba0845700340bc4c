from __future__ import annotations

import pytest

from staffcast.charts.theme import COLORWAY, Colour, alt_text, empty_figure, shade

BACKGROUNDS = {"light": "#ffffff", "dark": "#14171d"}


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", BACKGROUNDS.values(), ids=BACKGROUNDS)
@pytest.mark.parametrize("colour", [*COLORWAY, Colour.TEXT])
def test_colours_stand_out_on_light_and_dark(colour: str, background: str) -> None:
    assert contrast(colour, background) >= 3


def test_answered_and_abandoned_differ_for_the_colour_blind() -> None:
    """Without red against green: blue and orange differ most in the blue channel."""
    blue = int(Colour.MAIN[5:], 16) - int(Colour.LOST[5:], 16)
    assert blue > 120


def test_shading_keeps_the_colour() -> None:
    assert shade("#0a0b0c", 0.5) == "rgba(10,11,12,0.5)"


def test_an_empty_figure_says_why() -> None:
    figure = empty_figure("Nothing here.")
    assert alt_text(figure) == "Nothing here."
    assert figure.layout.annotations[0].text == "Nothing here."
