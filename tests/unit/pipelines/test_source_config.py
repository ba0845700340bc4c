from __future__ import annotations

import json
from typing import Any

import pytest

from staffcast.core.errors import ConfigError, SourceError


def stored(desk: Any) -> dict[str, Any]:
    return {key: json.loads(value) for key, value in desk.rows("select key, value from source_config")}


def test_settings_are_stored_as_json(desk: Any) -> None:
    config = {"timezone": "Europe/Berlin", "csat_scale": [1, 5], "holidays": ["2026-12-25"], "currency": None}
    assert desk.ingest(desk.write("config.json", json.dumps(config))).has_new_config
    del config["currency"]
    assert stored(desk) == config


@pytest.mark.parametrize("order", [1, -1])
def test_the_later_as_of_wins_whatever_the_order(desk: Any, order: int) -> None:
    configs = [
        {"as_of": "2026-11-01T00:00:00Z", "currency": "USD"},
        {"as_of": "2026-11-01T00:30:00+00:00", "currency": "EUR"},
    ]
    for config in configs[::order]:
        desk.ingest(desk.write("config.json", json.dumps(config)))
    assert stored(desk)["currency"] == "EUR"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"time_zone": "UTC"}', "did you mean 'timezone'?"),
        ('{"timezone": "Mars/Base"}', "unknown time zone"),
        ('{"as_of": "2026-11-01T00:00:00"}', "no time zone"),
        ('{"as_of": "soon"}', "not an instant"),
        ('{"business_hours": {"mon-fry": ["09:00", "17:00"]}}', "unknown weekday"),
        ('{"currency": "€"}', "three capital letters"),
        ('{"csat_scale": 0}', "csat_scale must be above 0"),
    ],
)
def test_mistakes_are_named_and_nothing_is_loaded(desk: Any, text: str, message: str) -> None:
    folder = desk.write("export/config.json", text).parent
    desk.write("export/agents.csv", "agent_id\na1\n")
    with pytest.raises((ConfigError, SourceError)) as caught:
        desk.ingest(folder)
    assert message in str(caught.value)
    assert not desk.data_dir.exists()
