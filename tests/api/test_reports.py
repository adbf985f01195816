"""Reports and replay over HTTP: periods, tables, tracks by step, events page by page."""

from __future__ import annotations

import pytest

from fleet_manager.ports import Batch, TrackPoint
from tests.api.manager import Manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio
PERIOD = {"from_s": START_S - 100, "to_s": START_S + 100}
REPORTS = ("patrols", "coverage", "inspections", "responses", "utilisation")


def point(robot: str, after_s: float, x_m: float, battery: float) -> TrackPoint:
    return TrackPoint(robot, START_S + after_s, x_m, 5.0, 0.0, "ground", 1.0, battery)


async def test_every_report_is_json_and_a_table(manager: Manager) -> None:
    await manager.post("/incidents", {"kind": "spill", "title": "Wet floor", "severity": 1})
    for name in REPORTS:
        made = await manager.get(f"/reports/{name}", **PERIOD)
        assert (made["from_s"], made["to_s"]) == (PERIOD["from_s"], PERIOD["to_s"])
        table = await manager.http.get(f"/reports/{name}", params={**PERIOD, "format": "csv"})
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert f'filename="{name}-' in table.headers["content-disposition"]
    told = await manager.get("/reports/responses", **PERIOD)
    assert [each["title"] for each in told["incidents"]] == ["Wet floor"]
    assert told["severities"][0]["acknowledged"]["count"] == 0


async def test_a_period_has_to_be_one(manager: Manager) -> None:
    backwards = {"from_s": 2.0, "to_s": 1.0}
    for name in REPORTS:
        answer = await manager.http.get(f"/reports/{name}", params=backwards)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    years = {"from_s": 0.0, "to_s": 4e7}
    assert (await manager.http.get("/reports/patrols", params=years)).status_code == 422


async def test_tracks_come_to_metres_watt_hours_and_squares(manager: Manager) -> None:
    track = [
        point("security_1", 0, 0.5, 0.90),
        point("security_1", 1, 3.5, 0.89),
        point("security_1", 2, 11.0, 0.88),
        point("security_1", 30, 11.0, 0.98),  # charged
        point("security_2", 2, 11.5, 0.50),
    ]
    await manager.store.commit(Batch(track=track))
    manager.clock.set(START_S + 50)
    robots = (await manager.get("/reports/utilisation", **PERIOD))["robots"]
    first = next(each for each in robots if each["robot"] == "security_1")
    battery_wh = manager.loop.state.site.kind("security_1").battery.capacity_wh
    assert first["distance_m"] == 10.5
    assert first["drawn_wh"] == pytest.approx(0.02 * battery_wh, abs=0.1)
    assert first["charged_wh"] == pytest.approx(0.10 * battery_wh, abs=0.1)
    made = await manager.get("/reports/coverage", **PERIOD, cell_m=10)
    (level,) = made["levels"]
    assert level["level"] == "ground"
    squares = {(each[0], each[1]): tuple(each[2:4]) for each in level["cells"]}
    assert squares == {(0, 0): (2, 1), (1, 0): (3, 2)}
    replayed = await manager.get("/replay/tracks", **PERIOD, step_s=10)
    assert [row[1] for row in replayed["robots"]["security_1"]] == [0.5, 11.0]
    assert replayed["next_s"] is None
    every = await manager.get("/replay/tracks", **PERIOD, step_s=0, robot="security_1")
    assert len(every["robots"]["security_1"]) == 4
    assert every["robots"].keys() == {"security_1"}


async def test_events_of_a_period_come_page_by_page(manager: Manager) -> None:
    for place in ("library", "gate_a", "gate_b"):
        await manager.dispatch("patrol", places=[place])
    kept = await manager.get("/replay")
    assert kept["from_s"] == kept["to_s"] == START_S
    wanted = {**PERIOD, "type": "TaskSubmitted", "limit": 2}
    first = await manager.get("/replay/events", **wanted)
    second = await manager.get("/replay/events", **wanted, cursor=first["next"])
    found = [each["payload"]["task"]["id"] for each in first["events"] + second["events"]]
    assert found == ["patrol-1", "patrol-2", "patrol-3"]
    assert second["next"] is None
    before = {"from_s": START_S - 100, "to_s": START_S}
    assert (await manager.get("/replay/events", **before))["events"] == []
    wrong = await manager.http.get("/replay/events", params={**PERIOD, "cursor": "x"})
    assert wrong.status_code == 422
