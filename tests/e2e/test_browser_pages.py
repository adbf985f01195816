"""The main path of each page in headless Chromium, on the whole stack."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack

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
