"""The packaged dashboard in a real browser: nothing from outside, no errors, both pages everywhere."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.error import URLError

import pytest

from staffcast.core.config import resolve
from staffcast.reports.document import full_html_report
from staffcast.reports.session import open_session
from staffcast.store.defaults import DATA_DEFAULTS_SQL, data_defaults
from staffcast.store.warehouse import Warehouse
from staffcast_dashboards.launch import command
from staffcast_pipelines.build import build
from staffcast_pipelines.ingest import ingest
from staffcast_sample_data import packaged_sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 29)"}
SIZES = {"laptop": (1280, 900), "phone": (390, 844)}
WAIT_MS = 60_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Watch:
    """Everything a page asked for and complained about."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:", "file:")):
            self.outside.append(url)

    def _said(self, kind: str, text: str) -> None:
        if kind == "error":
            self.errors.append(text)

    def check(self) -> None:
        assert self.outside == []
        assert self.errors == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have Chromium for the browser test")
        pytest.skip("no Chromium is installed")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a desk")
    ingest(packaged_sample(), data_dir=folder / "data", now=NOW)
    with Warehouse.open(folder / "data") as warehouse:
        rows = warehouse.con.execute(DATA_DEFAULTS_SQL).fetchall()
        build(warehouse, resolve(data=data_defaults(rows))[0], now=NOW)
    return folder / "data"


@pytest.fixture(scope="module")
def address(data_dir: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        command(port=port, open_browser=False),
        env={**os.environ, "STAFFCAST_DATA_DIR": str(data_dir)},
        cwd=data_dir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        assert server.poll() is None, "the dashboard ended by itself"
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except (URLError, OSError):
            time.sleep(0.5)
    pytest.fail("the dashboard did not start")


def _open(browser: Browser, address: str, size: str, scheme: str) -> Watch:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(WAIT_MS)
    return Watch(page, address)


def _drawn(page: Page, heading: str, n_charts: int) -> None:
    page.get_by_role("heading", name=heading, exact=True).wait_for()
    page.wait_for_function(
        "n => document.querySelectorAll('.js-plotly-plot .main-svg').length >= n", arg=2 * n_charts
    )
    page.wait_for_function("() => !document.querySelector('[data-test-script-state=\"running\"]')")


def _becomes(page: Page, condition: str) -> None:
    """Wait for a condition; Streamlit draws a page in several steps."""
    page.wait_for_function(f"() => {condition}")


def _has_tiles(page: Page, n_tiles: int) -> None:
    _becomes(page, f"document.querySelectorAll('[data-testid=\"stMetric\"]').length === {n_tiles}")


def _fits(page: Page) -> None:
    _becomes(page, "document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", BACKGROUNDS)
@pytest.mark.parametrize("size", SIZES)
def test_both_pages_render(browser: Browser, address: str, size: str, scheme: str) -> None:
    watch = _open(browser, address, size, scheme)
    page = watch.page
    page.goto(address)
    _drawn(page, "Overview", 2)
    _has_tiles(page, 8)
    _fits(page)
    background = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    _becomes(page, f"{background} === '{BACKGROUNDS[scheme]}'")
    if size == "phone":
        page.locator('[data-testid="stExpandSidebarButton"]').click()
    page.locator('[data-testid="stSidebarNav"]').get_by_text("Staffing").click()
    _drawn(page, "Staffing", 2)
    _has_tiles(page, 4)
    _fits(page)
    watch.check()
    page.close()


@pytest.mark.parametrize(
    ("path", "title", "n_charts"), [("staffing", "Staffing", 1), ("metrics", "Metrics", 1)]
)
def test_a_page_opens_by_its_address(
    browser: Browser, address: str, path: str, title: str, n_charts: int
) -> None:
    page = _open(browser, address, "laptop", "light").page
    page.goto(f"{address}/{path}")
    _drawn(page, title, n_charts)
    page.close()


def test_a_filter_enters_the_address_and_the_address_the_filter(browser: Browser, address: str) -> None:
    watch = _open(browser, address, "laptop", "light")
    page = watch.page
    page.goto(address)
    _drawn(page, "Overview", 2)
    everything = page.locator('[data-testid="stMetricValue"]').first.inner_text()
    page.get_by_role("combobox", name="Language").click()
    page.get_by_role("option", name="de", exact=True).click()
    page.wait_for_url("**/?language=de")
    value = page.locator('[data-testid="stMetricValue"]').first
    page.wait_for_function(
        "before => document.querySelector('[data-testid=\"stMetricValue\"]').innerText !== before",
        arg=everything,
    )
    german = value.inner_text()
    watch.check()
    page.goto(f"{address}/?language=de")
    _drawn(page, "Overview", 2)
    _becomes(page, f"document.querySelector('[data-testid=\"stMetricValue\"]').innerText === '{german}'")
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_report_stands_alone(browser: Browser, data_dir: Path, tmp_path: Path, size: str) -> None:
    session = open_session(flags={"data_dir": data_dir})
    with session.reader as reader:
        report = full_html_report(reader, session.settings)
    path = tmp_path / "report.html"
    path.write_text(report, encoding="utf-8")
    watch = _open(browser, path.as_uri(), size, "dark")
    watch.page.goto(path.as_uri())
    watch.page.wait_for_function(
        "n => document.querySelectorAll('.js-plotly-plot .main-svg').length >= n",
        arg=2 * report.count('id="chart-'),
    )
    _fits(watch.page)
    watch.check()
    watch.page.close()
