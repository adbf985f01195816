"""Incidents over HTTP: raised by people, dealt with by named people, kept."""

from __future__ import annotations

import pytest

from tests.api.manager import Manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio

SPILL = {"kind": "spill", "title": "Milk on the floor", "severity": 2, "place": "gate_a"}


async def test_an_incident_is_raised_and_dealt_with(manager: Manager) -> None:
    raised = await manager.post("/incidents", SPILL | {"by": "Li"})
    assert (raised["status"], raised["severity"], raised["place"]) == ("raised", 2, "gate_a")
    assert raised["x_m"] is not None
    assert raised["raised_s"] == START_S
    path = f"/incidents/{raised['id']}"
    await manager.post(f"{path}/acknowledge", {"by": "Li", "reason": "on my way"})
    await manager.post(f"{path}/assign", {"by": "Li", "assignee": "Kim"})
    await manager.post(f"{path}/resolve", {"by": "Kim", "note": "mopped"})
    (incident,) = await manager.get("/incidents")
    assert incident["status"] == "resolved"
    named = ("acknowledged_by", "assigned_to", "resolved_by", "note")
    assert [incident[key] for key in named] == ["Li", "Kim", "Kim", "mopped"]
    assert [step["status"] for step in incident["timeline"]] == [
        "raised",
        "acknowledged",
        "assigned",
        "resolved",
    ]
    again = await manager.http.post(f"{path}/false_alarm", json={"by": "Kim"})
    assert again.status_code == 409


async def test_closed_incidents_are_kept_in_the_history(manager: Manager) -> None:
    for title in ("one", "two"):
        await manager.post("/incidents", SPILL | {"title": title})
    await manager.post("/incidents/incident-1/false_alarm", {"by": "Li"})
    del manager.loop.state.incidents["incident-1"]
    listed = await manager.get("/incidents")
    assert [(each["id"], each["status"]) for each in listed] == [
        ("incident-2", "raised"),
        ("incident-1", "false_alarm"),
    ]
    assert len(await manager.get("/incidents", limit=1)) == 1
    assert [each["id"] for each in await manager.get("/incidents", status="raised")] == [
        "incident-2"
    ]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"severity": 4}, 422), ({"title": ""}, 422), ({"place": "atlantis"}, 404), ({"x": 1}, 422)],
)
async def test_what_cannot_be_is_not_raised(
    manager: Manager, change: dict[str, object], status: int
) -> None:
    assert (await manager.http.post("/incidents", json=SPILL | change)).status_code == status
    assert await manager.get("/incidents") == []
