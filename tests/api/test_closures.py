"""Closures and weather over HTTP."""

from __future__ import annotations

import pytest

from tests.api.manager import Manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio
LANES = ["lane_bridge_1_0", "lane_bridge_1_1"]


async def test_a_closure_is_added_listed_and_removed(manager: Manager) -> None:
    body = {"lanes": LANES, "reason": "works", "by": "guard", "until_s": START_S + 600}
    added = await manager.post("/closures", body)
    assert added["status"] == "active"
    assert added["affected_lanes"] == LANES
    assert added["changes_s"] == START_S + 600
    assert [each["id"] for each in await manager.get("/closures", status="active")] == [added["id"]]
    closed = await manager.get("/restrictions")
    assert closed["security"]["closed"] == LANES
    assert "works" in closed["security"]["why"][LANES[0]]
    answer = await manager.http.delete(f"/closures/{added['id']}", params={"by": "guard"})
    assert answer.json() == {"success": True}
    again = await manager.http.delete(f"/closures/{added['id']}")
    assert again.status_code == 409
    assert (await manager.get(f"/closures/{added['id']}"))["ended_by"] == "guard"


async def test_a_zone_closes_the_lanes_that_run_through_it(manager: Manager) -> None:
    added = await manager.post("/closures", {"zones": ["plaza_a_west"]})
    assert added["zones"] == ["plaza_a_west"]
    assert (await manager.get("/restrictions"))["cleaning"]["zones"] == ["plaza_a_west"]


async def test_a_recurring_closure_knows_when_it_comes_next(manager: Manager) -> None:
    rule = "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"
    body = {"lanes": LANES, "rrule": rule, "duration_s": 7200, "speed_limit_mps": 0.5}
    added = await manager.post("/closures", body)
    assert added["timezone"] == "Asia/Shanghai"
    assert added["changes_s"] > START_S


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 422, "nothing is named"),
        ({"lanes": ["nowhere"]}, 404, "nowhere"),
        ({"zones": ["nowhere"]}, 404, "nowhere"),
        ({"passages": ["nowhere"]}, 404, "nowhere"),
        ({"lanes": LANES, "kinds": ["flying"]}, 422, "flying"),
        ({"lanes": LANES, "kinds": []}, 422, "kind"),
        ({"lanes": LANES, "speed_limit_mps": 0.01}, 422, "0.01"),
        ({"lanes": LANES, "until_s": START_S - 1}, 422, "over already"),
        ({"lanes": LANES, "from_s": START_S + 9, "until_s": START_S + 5}, 422, "before it begins"),
        ({"lanes": LANES, "rrule": "FREQ=DAILY"}, 422, "duration_s"),
        ({"lanes": LANES, "rrule": "nonsense", "duration_s": 60}, 422, "nonsense"),
        ({"lanes": LANES, "duration_s": 60}, 422, "without rrule"),
        ({"lanes": LANES, "colour": "red"}, 422, "colour"),
    ],
)
async def test_what_cannot_be_closed_is_refused_with_a_remedy(
    manager: Manager, body: dict[str, object], status: int, word: str
) -> None:
    answer = await manager.http.post("/closures", json=body)
    assert answer.status_code == status
    problem = answer.json()
    assert word in problem["detail"]
    assert problem["remedy"]
    assert await manager.get("/closures") == []


async def test_the_end_and_the_reason_of_a_closure_are_changed(manager: Manager) -> None:
    body = {"lanes": LANES, "reason": "works", "by": "guard", "until_s": START_S + 600}
    path = f"/closures/{(await manager.post('/closures', body))['id']}"
    later = {"until_s": START_S + 900, "by": "planner"}
    changed = (await manager.http.patch(path, json=later)).json()
    assert (changed["until_s"], changed["changes_s"]) == (START_S + 900, START_S + 900)
    assert (changed["reason"], changed["by"]) == ("works", "guard")
    for _ in range(2):  # the second time nothing has to be done
        changed = (await manager.http.patch(path, json={"until_s": None, "reason": "gas"})).json()
        assert (changed["until_s"], changed["changes_s"], changed["reason"]) == (None, None, "gas")
    assert changed == await manager.get(path)
    why = (await manager.get("/restrictions"))["security"]["why"]
    assert "gas" in why[LANES[0]]


async def test_a_recurring_closure_gets_another_last_date_and_length(manager: Manager) -> None:
    rule = "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"
    body = {"lanes": LANES, "rrule": rule, "duration_s": 7200, "start": "2027-01-01"}
    path = f"/closures/{(await manager.post('/closures', body))['id']}"
    change = {"until": "2027-02-01", "duration_s": 3600}
    changed = (await manager.http.patch(path, json=change)).json()
    assert (changed["until"], changed["duration_s"]) == ("2027-02-01", 3600)
    assert changed["rrule"] == rule
    changed = (await manager.http.patch(path, json={"until": None})).json()
    assert (changed["until"], changed["duration_s"]) == (None, 3600)


@pytest.mark.parametrize(
    ("rule", "body", "status", "word"),
    [
        (None, {"until_s": START_S - 9}, 422, "over already"),
        (None, {"from_s": START_S + 9, "until_s": START_S + 5}, 422, "before it begins"),
        (None, {"duration_s": 60}, 422, "holds once"),
        (None, {"until_s": "soon"}, 422, "until_s"),
        (None, {"lanes": []}, 422, "lanes"),
        ("FREQ=DAILY", {"until_s": None}, 422, "again and again"),
        ("FREQ=DAILY", {"until": "2001-01-01"}, 422, "before it starts"),
        ("FREQ=DAILY", {"duration_s": None}, 422, "how long"),
        ("FREQ=DAILY", {"duration_s": 5}, 422, "a minute"),
    ],
)
async def test_what_cannot_be_changed_is_refused_with_a_remedy(
    manager: Manager, rule: str | None, body: dict[str, object], status: int, word: str
) -> None:
    recurring = {} if rule is None else {"rrule": rule, "duration_s": 600}
    added = await manager.post("/closures", {"lanes": LANES, **recurring})
    answer = await manager.http.patch(f"/closures/{added['id']}", json=body)
    assert answer.status_code == status
    problem = answer.json()
    assert word in f"{problem['detail']} {problem['remedy']}"
    assert problem["remedy"]
    assert await manager.get(f"/closures/{added['id']}") == added


async def test_a_closure_that_is_over_or_unknown_is_not_changed(manager: Manager) -> None:
    added = await manager.post("/closures", {"lanes": LANES})
    path = f"/closures/{added['id']}"
    await manager.http.delete(path)
    assert (await manager.http.patch(path, json={"reason": "gas"})).status_code == 409
    assert (await manager.http.patch("/closures/nothing", json={})).status_code == 404


async def test_the_weather_is_set_and_kept(manager: Manager) -> None:
    answer = await manager.http.put("/weather", json={"conditions": ["ice", "rain"], "by": "guard"})
    assert answer.json()["conditions"] == ["rain", "ice"]
    assert (await manager.get("/weather"))["by"] == "guard"
    wrong = await manager.http.put("/weather", json={"conditions": [], "station": "roof"})
    assert wrong.status_code == 404
    assert "roof" in wrong.json()["detail"]


async def test_a_parked_van_is_reported_seen_again_and_removed(manager: Manager) -> None:
    lane = manager.loop.state.site.campus.lanes["lane_bridge_1_0"]
    (x0, y0), (x1, y1) = lane.points[:2]
    van = {"x_m": (x0 + x1) / 2, "y_m": (y0 + y1) / 2, "radius_m": 1.0, "what": "van"}
    added = await manager.post("/obstacles", {**van, "stays_s": 600, "by": "guard"})
    assert added["reason"] == "obstacle: van"
    assert "lane_bridge_1_0" in added["affected_lanes"]
    assert added["obstacle"]["seen_s"] == START_S
    assert added["until_s"] == START_S + 600
    again = await manager.post("/obstacles", {**van, "stays_s": 900, "by": "guard"})
    assert (again["id"], again["until_s"]) == (added["id"], START_S + 900)
    same = await manager.post("/obstacles", {**van, "stays_s": 900, "by": "guard"})
    assert same["id"] == added["id"]
    answer = await manager.http.delete(f"/closures/{added['id']}", params={"by": "guard"})
    assert answer.json() == {"success": True}


async def test_an_obstacle_off_the_lanes_is_refused_with_a_remedy(manager: Manager) -> None:
    answer = await manager.http.post("/obstacles", json={"x_m": 9000.0, "y_m": 0.0})
    assert answer.status_code == 422
    assert "no lane within reach of (9000.0, 0.0)" in answer.json()["detail"]
    assert answer.json()["remedy"]
