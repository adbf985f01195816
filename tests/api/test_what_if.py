"""What-if over the API: a comparison in the background, progress, cancelling, bad input."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fleet_manager.app.what_if import Question, WhatIfJobs
from fleet_manager.core.errors import Unknown, WrongState
from fleet_manager.core.scenario import NO_WORK, QUIET
from tests.api.manager import NOTHING, Manager, site

pytestmark = pytest.mark.anyio
SHORT = {"days": 0.01, "requests": {"visits_per_hour": 20}}


async def until_over(manager: Manager, identifier: str, within_s: float = 120.0) -> Any:
    """Follow a comparison to its end."""
    async with asyncio.timeout(within_s):
        while True:
            told = await manager.get(f"/what-if/{identifier}")
            if told["status"] not in ("queued", "underway"):
                return told
            await asyncio.sleep(0.1)


async def test_a_comparison_runs_in_the_background_and_gives_a_verdict(manager: Manager) -> None:
    body = {"first": SHORT, "second": {**SHORT, "name": "fewer", "robots": 3}, "seeds": 2}
    answer = await manager.http.post("/what-if", json=body)
    assert answer.status_code == 202
    asked = answer.json()
    assert answer.headers["Location"] == f"/what-if/{asked['id']}"
    assert (asked["status"], asked["result"]) in [("queued", None), ("underway", None)]
    await manager.hears("security_1")  # the manager goes on beside it
    told = await until_over(manager, asked["id"])
    assert told["status"] == "completed", told
    assert told["progress"] == 1.0
    assert told["result"]["second"] == "fewer"
    assert told["result"]["seeds"] == [1, 2]
    assert {row["verdict"] for row in told["result"]["measures"]} <= {
        "better",
        "worse",
        "higher",
        "lower",
        "no difference seen",
    }
    (listed,) = await manager.get("/what-if")
    assert (listed["id"], listed["result"]) == (asked["id"], None)


async def test_a_comparison_can_be_cancelled_and_the_next_one_begins(manager: Manager) -> None:
    long = {"first": {"days": 20}, "second": {"days": 20, "robots": 3}, "seeds": 50}
    first = await manager.http.post("/what-if", json=long)
    second = await manager.http.post("/what-if", json=long)
    ids = [each.json()["id"] for each in (first, second)]
    for identifier in ids:
        answer = await manager.http.delete(f"/what-if/{identifier}")
        assert answer.json()["status"] == "canceled"
    again = await manager.http.delete(f"/what-if/{ids[0]}")
    assert again.status_code == 409
    assert (await manager.get(f"/what-if/{ids[0]}"))["status"] == "canceled"


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ({"robots": 500}, "500 robots"),
        ({"robots": {"flying": 2}}, "flying"),
        ({"dayz": 2}, "dayz"),
        ({"days": 0}, "days"),
        ({"days": 100}, "100 days"),
        ({"policy": {"charge_below": 2.0}}, "charge_below"),
        ({"policy": {"speed": 2.0}}, "speed"),
        ({"closures": [{"from_h": 0, "until_h": 1, "zones": ["nowhere"]}]}, "nowhere"),
        ({"closures": [{"from_h": 0, "until_h": 1}]}, "names nothing"),
        ({"weather": [{"from_h": 0, "until_h": 1, "conditions": ["frogs"]}]}, "frogs"),
        ({"tasks": [{"at_h": 1, "category": "clean", "description": {}}]}, "clean"),
        ({"schedule_file": "/etc/passwd"}, "schedule_file"),
        ({"days": 2}, "same days"),
    ],
)
async def test_what_does_not_fit_is_refused_at_once_and_named(
    second: dict[str, Any], problem: str, manager: Manager
) -> None:
    answer = await manager.http.post("/what-if", json={"second": second})
    assert answer.status_code in (404, 422), answer.text
    assert problem in answer.json()["detail"]
    assert answer.json()["remedy"]
    assert await manager.get("/what-if") == []


def question() -> Question:
    """Two quiet scenarios on Canalside."""
    campus, fleet = site()
    return Question(campus, fleet, NO_WORK, QUIET, QUIET, [1, 2])


async def test_a_process_that_ends_without_a_result_fails_its_job() -> None:
    jobs = WhatIfJobs(NOTHING)
    job = jobs.ask(question())
    async with asyncio.timeout(60):
        await jobs.all_over()
    assert job.status == "failed"
    assert "ended with 0" in job.problem


async def test_only_so_many_comparisons_wait() -> None:
    jobs = WhatIfJobs(NOTHING)
    for _ in range(10):
        jobs.ask(question())
    with pytest.raises(WrongState, match="10 comparisons wait"):
        jobs.ask(question())
    with pytest.raises(Unknown):
        jobs.job("what-if-99")
    await jobs.stop()
    assert {each.status for each in jobs.jobs} == {"canceled"}
