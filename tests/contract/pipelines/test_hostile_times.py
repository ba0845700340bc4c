"""Times that mean several things, or nothing."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from tests.contract.pipelines.hostile_desk import CLEAN, Desk, csv_text

from staffcast_pipelines.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = "a number, not a time: declare its unit in a mapping, such as epoch_ms"
ORDER = "day or month may come first: declare the format in a mapping"
RANGE = "a time before 1990 or after 2099"
SECONDS = (1793610000, 1793610020, 1793610040, 1793613600, 1793613780)
"""The times of the clean export."""


def with_times(*times: str) -> tuple[tuple[str, ...], ...]:
    return tuple((*row[:2], time, *row[3:]) for row, time in zip(CLEAN, times, strict=True))


def mapping(desk: Desk, format_: str, zone: str = "UTC") -> dict[str, object]:
    text = f'table = "messages"\ntimezone = "{zone}"\n[columns.timestamp]\nfrom = "timestamp"\n'
    return {"mapping": desk.write("times.toml", f'{text}time = "{format_}"\n')}


def row(number: int, time: str) -> tuple[str, ...]:
    return (f"x{number}", "c9", time, "customer", "", "x")


def us(desk: Desk) -> list[int]:
    return [at for (at,) in desk.rows("select timestamp_us from messages order by message_id")]


@pytest.fixture(params=["UTC", "Asia/Tokyo", "America/St_Johns"])
def machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    os.environ.setdefault("TZ", "")
    time.tzset()


def test_the_zone_of_the_machine_plays_no_part(desk: Desk, machine_zone: str) -> None:
    assert machine_zone
    desk.loads_as_clean("messages.csv", csv_text(*CLEAN))
    local = with_times(
        *(f"2026-11-02T{clock}" for clock in ("10:00", "10:00:20", "10:00:40", "11:00", "11:03"))
    )
    path = desk.write("messages-2.csv", csv_text(*local))
    desk.refuses(path, "messages-2.csv:2:timestamp: times have no zone (declare theirs, for example --tz")
    desk.loads_as_clean("messages-2.csv", csv_text(*local), timezone="Europe/Berlin")


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_epochs_of_a_declared_unit_are_the_same_instants(desk: Desk, unit: str, factor: int) -> None:
    times = [str(second * factor) for second in SECONDS]
    desk.refuses(desk.write("messages.csv", csv_text(*with_times(*times))), f"timestamp: {NUMBER}")
    rows = csv_text(*with_times(*times))
    desk.loads_as_clean("export.csv", rows, **mapping(desk, f"epoch_{unit}"))
    units = [SECONDS[0] * 10**power for power in (0, 3, 6, 9) if 10**power != factor]
    wrong = [row(number, str(time)) for number, time in enumerate(units)]
    faults = [(line, "timestamp", RANGE) for line in (7, 8, 9)]
    desk.puts_aside(
        "export.csv", csv_text(*with_times(*times), *wrong), faults, **mapping(desk, f"epoch_{unit}")
    )


def test_what_a_spreadsheet_rounded_is_put_aside(desk: Desk) -> None:
    times = [str(second * 1000) for second in SECONDS]
    content = csv_text(*with_times(*times), row(1, "1.79361E+12"), row(2, "nan"), row(3, "0x5F"))
    faults = [(7, "timestamp", "a number that lost its last digits")]
    faults += [(8, "timestamp", "not a time"), (9, "timestamp", "not a time")]
    desk.puts_aside("export.csv", content, faults, **mapping(desk, "epoch_ms"))


def test_formats_do_not_mix(desk: Desk) -> None:
    odd = [
        ("2026-02-29T09:00:00Z", "not a time"),
        ("2026-11-31T09:00:00Z", "not a time"),
        ("2026-11-02T24:00:00Z", "not a time"),
        ("2026-12-31T23:59:60Z", "not a time"),
        ("2026-11-02T09:60:00Z", "not a time"),
        ("2026-11-02T09:00:00+99:99", "not a time"),
        ("2026-11-02T09:00:00 CET", "not a time"),
        ("2026-11-02", "not a time"),
        ("20261102T090000Z", "not a time"),
        ("Mon, 02 Nov 2026 09:00:00 GMT", "not a time"),
        ("٢٠٢٦-11-02T09:00:00Z", "not a time"),
        ("now", "not a time"),
        ("NULL", "not a time"),
        ("", "is required but empty"),
        ("2026-11-02T09:00:00", "a time without a zone"),
        ("1793610000", NUMBER),
        ("1793610000000", NUMBER),
        ("46328.375", NUMBER),
        ("0", NUMBER),
        ("03/04/2026 09:00", ORDER),
        ("3.4.2026", ORDER),
        ("0001-01-01T00:00:00Z", RANGE),
        ("1970-01-01T00:00:00Z", RANGE),
        ("1989-12-31T23:59:59Z", RANGE),
        ("2100-01-01T00:00:00Z", RANGE),
        ("9999-12-31T23:59:59Z", RANGE),
    ]
    rows = [row(number, f'"{time}"') for number, (time, _) in enumerate(odd)]
    faults = [(number, "timestamp", reason) for number, (_, reason) in enumerate(odd, 7)]
    desk.puts_aside("messages.csv", csv_text(*CLEAN, *rows), faults)
    ((first, last),) = desk.rows("select min(timestamp), max(timestamp) from messages")
    assert (last - first).total_seconds() < 3 * 3600


def test_the_same_instant_is_written_in_many_ways(desk: Desk) -> None:
    times = ["2026-11-02T09:00:00Z", "2026-11-02 09:00:00Z", "2026-11-02T09:00Z", "2026-11-02T09:00:00.000Z"]
    times += ["2026-11-02T09:00:00,0Z", "2026-11-02T10:00:00+01:00", "2026-11-02T10:00:00+0100"]
    times += ["2026-11-02T04:30:00-04:30", "2026-11-02T22:45:00+13:45", "2026-11-02T09:00:00 UTC"]
    times += [" 2026-11-02T09:00:00z ", "2026-11-02T09:00:00.000000000Z"]
    desk.load("messages.csv", csv_text(*(row(number, f'"{time}"') for number, time in enumerate(times))))
    assert us(desk) == [1793610000 * 10**6] * len(times)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_day_and_month_first_need_a_format(desk: Desk, zone: str) -> None:
    rows = csv_text(row(1, "03/04/2026 09:00"), row(2, "05/04/2026 09:00"))
    desk.refuses(desk.write("messages.csv", rows), f"timestamp: {ORDER}", timezone=zone)
    for format_, month in (("%d/%m/%Y %H:%M", 4), ("%m/%d/%Y %H:%M", 3)):
        desk.load("export.csv", rows, source=format_[1], **mapping(desk, format_, zone))
        ((found,),) = desk.rows(
            f"select month(timestamp) from messages where source = '{format_[1]}' and message_id = 'x1'"
        )
        assert found == month


def test_a_format_that_takes_days_for_months_refuses_the_file(desk: Desk) -> None:
    path = desk.write("export.csv", csv_text(row(1, "03/04/2026 09:00"), row(2, "25/04/2026 09:00")))
    desk.refuses(
        path,
        "export.csv:3:timestamp: in the format '%m/%d/%Y %H:%M' this is no time, but with day and month",
        **mapping(desk, "%m/%d/%Y %H:%M"),
    )
    assert desk.load("export.csv", path.read_bytes(), **mapping(desk, "%d/%m/%Y %H:%M")).n_new == 2


@pytest.mark.parametrize("format_", ["%Q", "%H:%M", "%"])
def test_a_format_that_gives_no_time_is_refused(desk: Desk, format_: str) -> None:
    path = desk.write("export.csv", csv_text(row(1, "03/04/2026 09:00")))
    with pytest.raises(Exception, match=r"timestamp|format") as caught:
        ingest(path, data_dir=desk.data_dir, **mapping(desk, format_))  # type: ignore[arg-type]
    assert type(caught.value).__module__ == "staffcast.core.errors"


def test_the_hour_that_never_comes_is_put_aside(desk: Desk) -> None:
    gap = "does not exist in Europe/Berlin: clocks went forward"
    rows = (row(1, "2026-03-29T01:59:59"), row(2, "2026-03-29T02:00:00"), row(3, "2026-03-29T02:59:59"))
    load = desk.load("messages.csv", csv_text(*rows, row(4, "2026-03-29T03:00:00")), timezone="Europe/Berlin")
    assert load.n_quarantined == 2
    assert desk.faults() == [(3, "timestamp", gap), (4, "timestamp", gap)]
    assert us(desk)[1] - us(desk)[0] == 10**6


def test_the_hour_that_comes_twice_is_its_first_and_said(desk: Desk) -> None:
    clocks = ("01:59:59", "02:00:00", "02:59:59", "03:00:00")
    rows = [row(number, f"2026-10-25T{clock}") for number, clock in enumerate(clocks)]
    load = desk.load("messages.csv", csv_text(*rows), timezone="Europe/Berlin")
    assert load.n_new == 4
    seconds = [at // 10**6 for at in us(desk)]
    assert [second - seconds[0] for second in seconds] == [0, 1, 3600, 2 * 3600 + 1]
    assert "comes twice as clocks go back, the first was taken" in str(load)


def test_an_hour_with_an_offset_comes_once(desk: Desk) -> None:
    rows = [row(1, "2026-10-25T02:30:00+02:00"), row(2, "2026-10-25T02:30:00+01:00")]
    load = desk.load("messages.csv", csv_text(*rows), timezone="Europe/Berlin")
    assert us(desk)[1] - us(desk)[0] == 3600 * 10**6
    assert "twice" not in str(load)


def test_skewed_and_future_clocks_are_kept_for_the_quality_report(desk: Desk) -> None:
    rows = [
        row(1, "2026-11-02T09:00:00Z"),
        ("x2", "c9", "2026-11-02T08:59:58Z", "agent", "a1", "y"),
        row(3, "2031-01-01T00:00:00Z"),
    ]
    assert desk.load("messages.csv", csv_text(*rows)).n_new == 3


def test_everything_in_one_second_and_a_chat_of_400_days_load(desk: Desk) -> None:
    rows = [row(number, "2026-11-02T09:00:00Z") for number in range(200)]
    assert desk.load("messages.csv", csv_text(*rows)).n_new == 200
    load = desk.load(
        "conversations.csv",
        "conversation_id,created_at,closed_at\nc9,2025-09-28T09:00:00Z,2026-11-02T09:00:00Z\n",
    )
    assert load.n_new == 1
