"""The schedulers' guide says what the engine says."""

from __future__ import annotations

import doctest
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

GUIDES = Path(__file__).parents[3] / "docs" / "guides"


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("staffing_figures", GUIDES / "staffing_figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_its_examples_run() -> None:
    found = doctest.testfile(str(GUIDES / "staffing.md"), module_relative=False, encoding="utf-8")
    assert found.attempted > 10
    assert found.failed == 0


def test_its_figures_are_drawn_anew(drawing: ModuleType) -> None:
    figures = drawing.figures()
    assert sorted(path.name for path in GUIDES.glob("staffing-*.svg")) == sorted(figures)
    text = (GUIDES / "staffing.md").read_text(encoding="utf-8")
    for name, content in figures.items():
        assert (GUIDES / name).read_text(encoding="utf-8") == content
        assert f"({name})" in text
