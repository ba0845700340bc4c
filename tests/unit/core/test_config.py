"""Settings: layers, origins, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from staffcast.core.config import Settings, resolve, setting_names, settings_help
from staffcast.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def test_later_layers_win_and_say_where_each_value_came_from(tmp_path: Path) -> None:
    file = tmp_path / "staffcast.toml"
    file.write_text('fcr_window_days = 3\ncurrency = "CHF"\n', encoding="utf-8")
    settings, origins = resolve(
        flags={"min_n": 9, "timezone": None},
        environment={"STAFFCAST_FCR_WINDOW_DAYS": "5", "HOME": "x"},
        config_file=file,
        data={"fcr_window_days": 1, "timezone": "Europe/Berlin", "something_else": 1},
    )
    assert (settings.fcr_window_days, settings.currency, settings.timezone) == (5, "CHF", "Europe/Berlin")
    found = {origin.name: origin.origin for origin in origins}
    assert found["fcr_window_days"] == "environment STAFFCAST_FCR_WINDOW_DAYS"
    assert found["currency"] == str(file)
    assert found["timezone"] == "data config.json"
    assert found["min_n"] == "flag"
    assert found["short_abandon_s"] == "default"


def test_every_setting_has_an_origin_and_a_meaning() -> None:
    _, origins = resolve()
    assert [origin.name for origin in origins] == list(setting_names())
    assert all(meaning for _, _, meaning in settings_help())


def test_the_debug_switch_is_no_setting() -> None:
    assert resolve(environment={"STAFFCAST_DEBUG": "1"})[0] == Settings()


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        ({"flags": {"fcr_windows": 1}}, "did you mean 'fcr_window_days'?"),
        ({"environment": {"STAFFCAST_CURENCY": "EUR"}}, "did you mean 'currency'?"),
        ({"flags": {"fcr_window_days": "soon"}}, "must be a whole number"),
        ({"flags": {"fcr_window_days": 1.5}}, "must be a whole number"),
        ({"flags": {"short_abandon_s": "nan"}}, "must be a number"),
        ({"flags": {"min_n": True}}, "must be a whole number"),
        ({"flags": {"service_level_share": 80}}, "a share such as 0.8"),
        ({"flags": {"shrinkage_share": 1}}, "below 1"),
        ({"flags": {"concurrency_limit": 0}}, "above 0"),
        ({"flags": {"short_abandon_s": -1}}, "must not be negative"),
        ({"flags": {"timezone": "Mars/Base"}}, "unknown time zone"),
        ({"flags": {"service_level_convention": "served"}}, "service_level_convention"),
        ({"flags": {"currency": "euros"}}, "three capital letters"),
        ({"flags": {"business_hours": "9 to 5"}}, "not JSON"),
        ({"flags": {"business_hours": {"mon-fry": ["09:00", "17:00"]}}}, "unknown weekday"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_way_out(layer: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(**layer)  # type: ignore[arg-type]
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "staffcast.toml"
    file.write_text("currency = ", encoding="utf-8")
    with pytest.raises(ConfigError, match="not valid TOML"):
        resolve(config_file=file)
    with pytest.raises(ConfigError, match="cannot be read"):
        resolve(config_file=tmp_path / "missing.toml")


def test_opening_hours_come_from_the_settings() -> None:
    settings, _ = resolve(
        data={
            "business_hours": {"mon-fri": ["09:00", "17:00"]},
            "holidays": ["2026-10-03", "2026-12-25"],
            "csat_scale": [1, 5],
        }
    )
    hours = settings.opening_hours()
    assert hours is not None
    assert set(hours.dates) == {"2026-10-03", "2026-12-25"}
    assert settings.csat_scale == 5
    assert Settings().opening_hours() is None
