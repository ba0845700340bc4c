from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from plotly.offline import get_plotlyjs

from staffcast.metrics import metric
from staffcast.reports import HEADLINES
from staffcast.reports.document import full_html_report
from staffcast.reports.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Outline(HTMLParser):
    """Tags, attributes and text of a document, and whether its tags nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@pytest.fixture(scope="session")
def reports(ten_weeks: Path, no_surveys: Path, one_row: Path) -> dict[str, str]:
    written = {}
    for name, folder in (("full", ten_weeks), ("no surveys", no_surveys), ("one row", one_row)):
        session = open_session(flags={"data_dir": folder})
        with session.reader as reader:
            written[name] = full_html_report(reader, session.settings)
    return written


def outline(report: str) -> Outline:
    parsed = Outline()
    parsed.feed(report)
    parsed.close()
    assert not parsed.open
    return parsed


@pytest.mark.parametrize("name", ["full", "no surveys", "one row"])
def test_it_is_well_formed_and_loads_nothing(reports: dict[str, str], name: str) -> None:
    parsed = outline(reports[name])
    for tag, attributes in parsed.tags:
        assert tag not in ("link", "img", "iframe", "object"), tag
        assert not attributes.get("src")
        assert not attributes.get("href")
    assert reports[name].count(get_plotlyjs()) == 1
    assert "default-src 'none'" in reports[name]


def test_every_headline_stands_with_value_convention_and_definition(reports: dict[str, str]) -> None:
    text = outline(reports["full"]).text
    for name in HEADLINES:
        assert text.count(metric(name).label) >= 2, name
        assert metric(name).definition in text


def test_the_stamp_and_the_period_are_stated(reports: dict[str, str]) -> None:
    text = " ".join(outline(reports["full"]).text)
    assert "Live chat, 19 Oct to 15 Nov 2026" in text
    assert "Data as of 2026-11-16 00:00 UTC" in text
    assert "Changes are against 21 Sep to 18 Oct." in text


def test_texts_of_the_data_are_escaped(reports: dict[str, str]) -> None:
    parsed = outline(reports["full"])
    assert not any("onerror" in attributes for _, attributes in parsed.tags)
    body = reports["full"].replace(get_plotlyjs(), "")
    assert "<img" not in body
    assert any("onerror" in text for text in parsed.text)


def test_every_chart_has_words(reports: dict[str, str]) -> None:
    figures = [attributes for tag, attributes in outline(reports["full"]).tags if tag == "figure"]
    assert len(figures) == 5
    assert all(figure["role"] == "img" and len(figure["aria-label"] or "") > 30 for figure in figures)
    ids = re.findall(r'id="(chart-[a-z0-9-]+)"', reports["full"])
    assert len(set(ids)) == len(ids) == 5


def test_the_same_data_give_the_same_report(ten_weeks: Path, reports: dict[str, str]) -> None:
    session = open_session(flags={"data_dir": ten_weeks})
    with session.reader as reader:
        assert full_html_report(reader, session.settings) == reports["full"]


def test_an_asked_period_is_reported(ten_weeks: Path) -> None:
    session = open_session(flags={"data_dir": ten_weeks})
    with session.reader as reader:
        report = full_html_report(reader, session.settings, from_date="2026-11-02", to_date="2026-11-08")
    assert "<title>Live chat, 2 Nov to 8 Nov 2026</title>" in report
