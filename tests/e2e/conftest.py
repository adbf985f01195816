"""What the tests in a browser share: one stack with a robot of each kind, and Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.dashboard import SOFTWARE_GL
from fleet_manager.adapters.http.access_gate import cookie_name
from fleet_manager.demo.options import DemoOptions
from tests.e2e.stack import Stack, running_stack

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
ROBOTS = "security_1,cleaning_1,safety_1"
DESKTOP = {"width": 1440, "height": 900}
WAITED_MS = 20_000  # for what comes at once where the machine is not busy


@pytest.fixture(scope="session")
def browser_stack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One robot of each kind and two people."""
    options = DemoOptions(robots=ROBOTS, speed=4.0, people=2, seed=3)
    data_dir = tmp_path_factory.mktemp("browser")
    with running_stack(root, data_dir, options, lambda _fleet: None) as stack:
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, drawing with OpenGL in software."""
    expect.set_options(timeout=WAITED_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*SOFTWARE_GL])
        yield browser
        browser.close()


def opened(browser: Browser, stack: Stack, viewport: Any, problems: list[str]) -> Page:
    """The dashboard, live, in English, logged in; what the page complains of is gathered."""
    context = browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce")
    address = str(stack.http.base_url)
    name = cookie_name(stack.http.base_url.netloc.decode())
    context.add_cookies([{"name": name, "value": stack.access.session, "url": address}])
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.goto(f"{stack.http.base_url}/app/")
    expect(page.get_by_test_id("live-status")).to_have_attribute("data-status", "live")
    return page


@pytest.fixture
def page(browser: Browser, browser_stack: Stack) -> Iterator[Page]:
    """The dashboard at desktop size; a test fails on any error in the browser's console."""
    problems: list[str] = []
    page = opened(browser, browser_stack, DESKTOP, problems)
    yield page
    page.context.close()
    assert not problems
