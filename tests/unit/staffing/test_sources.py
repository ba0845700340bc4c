"""Every public function of the engine says which formula it computes and who published it."""

from __future__ import annotations

import inspect

import pytest

from staffcast import staffing

MODELS = ["ParkedThreads", "PatienceCurve", "ReplyModel", "Shrinkage"]
FUNCTIONS = [name for name in staffing.__all__ if inspect.isfunction(getattr(staffing, name))]


@pytest.mark.parametrize("name", [*FUNCTIONS, *MODELS])
def test_names_its_source_and_shows_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(staffing, name)) or ""
    source = text.partition("\nSource:\n")[2].partition("\n\n")[0]
    assert len(source.split()) >= 3
    assert "\nExample:\n" in text
