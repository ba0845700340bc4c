from __future__ import annotations

import doctest
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "mapping.md"


def test_the_example_runs_as_printed() -> None:
    result = doctest.testfile(str(GUIDE), module_relative=False, encoding="utf-8")
    assert result.attempted > 8
    assert result.failed == 0


def test_every_key_is_explained() -> None:
    from staffcast_pipelines import mapping

    text = GUIDE.read_text(encoding="utf-8")
    for key in (*mapping._TOP_KEYS, *mapping._COLUMN_KEYS):
        assert f"`{key}`" in text or f"`[{key}]`" in text, key
