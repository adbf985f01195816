"""The main path of each page in headless Chromium, on the whole stack."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.permissions import Role
from tests.api.manager import served_manager
from tests.contract.accounts import PASSWORD
from tests.e2e.stack import Stack

AXE = Path(__file__).parents[2] / "fleet_manager/dashboard/node_modules/axe-core/axe.min.js"

TERRACE = {
    "name": "Terrace after lunch",
    "rrule": "FREQ=DAILY;BYHOUR=14;BYMINUTE=0;BYSECOND=0",
    "start": "2026-01-01",
    "request": {"category": "clean", "description": {"zone": "canteen_terrace"}},
}

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def go(page: Page, name: str) -> None:
    """Another page, by the navigation, as people go."""
    page.locator(f".nav-link[href='/app/{name}']").click()


def test_an_incident_is_reported_assigned_and_resolved(page: Page, browser_stack: Stack) -> None:
    go(page, "incidents")
    page.get_by_test_id("report-open").click()
    page.get_by_test_id("report-title").fill("Glass on the steps")
    page.get_by_test_id("report-kind").select_option("damage")
    page.get_by_test_id("report-place").click()
    page.keyboard.type("Gate A")
    page.locator("[data-combobox-option]:visible").first.click()
    page.get_by_test_id("report-submit").click()
    details = page.get_by_test_id("incident-details")
    expect(details).to_have_attribute("data-status", "raised")
    expect(details.get_by_test_id("map")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("incident-acknowledge").click()
    expect(details).to_have_attribute("data-status", "acknowledged")
    page.get_by_test_id("incident-assign").click()
    page.get_by_test_id("step-assignee").fill("Li Wei")
    page.get_by_test_id("step-submit").click()
    expect(details).to_have_attribute("data-status", "assigned")
    page.get_by_test_id("incident-resolve").click()
    page.get_by_test_id("step-note").fill("swept")
    page.get_by_test_id("step-submit").click()
    expect(details).to_have_attribute("data-status", "resolved")

    def reported() -> Any:
        found = browser_stack.get("/incidents")
        return next((each for each in found if each["title"] == "Glass on the steps"), None)

    told = reported()
    assert (told["place"], told["assigned_to"], told["resolved_by"]) == ("gate_a", "Li Wei", "demo")
    assert [step["note"] for step in told["timeline"]][-1] == "swept"


def test_a_planned_cleaning_is_dragged_to_another_time(page: Page, browser_stack: Stack) -> None:
    browser_stack.post("/schedules", {"id": "terrace", **TERRACE})
    go(page, "calendar")
    page.get_by_test_id("calendar-later").click()  # a week of which nothing has come yet
    block = page.locator("[data-testid^='occurrence-terrace-'][data-outcome='planned']")
    expect(block).to_have_count(7)
    block.last.scroll_into_view_if_needed()
    box = block.last.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20)
    page.mouse.move(x, y + 46)  # an hour
    page.mouse.up()
    expect(page.get_by_test_id("move-to")).to_have_value(re.compile("T15:00$"))
    page.get_by_test_id("move-one").click()
    expect(page.get_by_test_id("occurrence-dialog")).to_have_count(0)
    expect(block.last).to_contain_text("15:00")
    (move,) = browser_stack.get("/schedules/terrace")["moves"]
    assert (move["at"][10:], move["to"][10:]) == ("T14:00:00", "T15:00:00")
    assert move["at"][:10] == move["to"][:10]


def test_two_scenarios_are_compared_and_the_verdicts_shown(page: Page) -> None:
    go(page, "what-if")
    page.get_by_test_id("what-if-name").fill("without the guard")
    page.get_by_test_id("what-if-robots-security").fill("0")
    page.get_by_test_id("what-if-days").fill("0.05")
    page.get_by_test_id("what-if-seeds").fill("2")
    page.get_by_test_id("what-if-ask").click()
    row = page.locator("[data-testid^='comparison-']").first
    expect(row).to_contain_text("without the guard")
    expect(row).to_have_attribute("data-status", "completed", timeout=120_000)
    expect(page.get_by_test_id("what-if-result")).to_be_visible()
    expect(page.locator("[data-testid^='measure-']").first).to_be_visible()


def findings(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical: rule, and where it is first."""
    told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in told["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.fixture(scope="module")
def quiet_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A manager without robots' processes, where something of everything is to be seen."""
    with served_manager(tmp_path_factory.mktemp("quiet")) as (address, manager, event_loop):

        async def fill() -> None:
            await Directory(manager.access).add("Kim", Role.ADMIN, password=PASSWORD)
            for robot in ("security_1", "cleaning_1", "safety_1"):
                await manager.hears(robot)
            await manager.post("/schedules", {"id": "terrace", **TERRACE})
            spill = {"kind": "spill", "title": "Wet floor", "severity": 2, "place": "gate_a"}
            await manager.post("/incidents", spill)

        asyncio.run_coroutine_threadsafe(fill(), event_loop).result(240)
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_accessibility_finding(
    browser: Browser, quiet_address: str, scheme: Any
) -> None:
    context = browser.new_context(color_scheme=scheme, locale="en-GB", reduced_motion="reduce")
    context.add_init_script(path=AXE)
    page = context.new_page()
    page.goto(f"{quiet_address}/app/")
    page.get_by_test_id("login-name").fill("Kim")
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("live-status")).to_have_attribute("data-status", "live")
    paths = [str(link.get_attribute("href")) for link in page.locator(".nav-link").all()]
    assert len(paths) > 5
    found: dict[str, list[str]] = {}
    for path in [*paths, "/app/incidents?incident=incident-1"]:
        page.goto(f"{quiet_address}{path}")
        expect(page.locator("main h1, main h2").first).to_be_visible()
        expect(page.locator(".mantine-Loader-root")).to_have_count(0)
        if wrong := findings(page):
            found[path] = wrong
    context.close()
    assert not found
