"""Schedules over HTTP: saved, changed, removed; times that never come are refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.manager import Manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio

ALL_DAY = f"BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}"
NIGHTLY: dict[str, Any] = {
    "id": "night",
    "name": "Night patrol",
    "rrule": "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0",
    "start": "2026-01-01",
    "request": {"category": "patrol", "description": {"places": ["gate_a"], "rounds": 1}},
}


async def test_a_schedule_lives_from_post_to_delete(manager: Manager) -> None:
    saved = await manager.post("/schedules", NIGHTLY)
    assert saved["timezone"] == "Asia/Shanghai"
    due = datetime.fromtimestamp(saved["next_run_s"], UTC)
    assert (due.hour, due.minute) == (14, 0)  # 22:00 in China is 14:00 in UTC
    assert 0 < saved["next_run_s"] - START_S <= 86400
    assert await manager.get("/schedules") == [saved]
    assert await manager.get("/schedules/night") == saved

    changed = {key: value for key, value in NIGHTLY.items() if key != "id"} | {"enabled": False}
    answer = await manager.http.put("/schedules/night", json=changed)
    assert answer.json()["next_run_s"] is None
    assert await manager.get("/schedules/night/history") == []
    assert (await manager.http.delete("/schedules/night")).json() == {"success": True}
    assert (await manager.http.get("/schedules/night")).status_code == 404
    assert (await manager.http.put("/schedules/night", json=changed)).status_code == 404


async def test_an_id_is_given_once_and_never_changed(manager: Manager) -> None:
    await manager.post("/schedules", NIGHTLY)
    assert (await manager.http.post("/schedules", json=NIGHTLY)).status_code == 409
    other = await manager.http.put("/schedules/night", json=NIGHTLY | {"id": "day"})
    assert (other.status_code, "id" in other.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rrule": "every night"}, "rrule"),
        ({"rrule": "FREQ=DAILY;INTERVAL=0"}, "rrule"),
        ({"rrule": "FREQ=SECONDLY"}, "rrule"),
        ({"rrule": "FREQ=DAILY;UNTIL=20270101"}, "rrule"),
        ({"rrule": "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30"}, "rrule"),
        ({"rrule": "FREQ=DAILY\nRDATE:20270101"}, "rrule"),
        ({"rrule": f"FREQ=YEARLY;BYDAY=MO;{ALL_DAY}", "start": "2001-01-01"}, "start"),
        ({"start": "1900-01-01"}, "start"),
        ({"start": "2026-02-30"}, "start"),
        ({"until": "2025-12-31"}, "until"),
        ({"timezone": "Asia/Atlantis"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"exceptions": ["Christmas"]}, "exceptions"),
        ({"id": "Night patrol"}, "id"),
    ],
)
async def test_a_wrong_field_is_named_within_two_seconds(
    manager: Manager, change: dict[str, Any], field: str
) -> None:
    began = time.monotonic()
    answer = await manager.http.post("/schedules", json=NIGHTLY | change)
    assert answer.status_code == 422
    assert f"body.{field}" in answer.json()["detail"]
    assert time.monotonic() - began < 2.0
    assert await manager.get("/schedules") == []


async def test_its_request_is_held_to_the_campus(manager: Manager) -> None:
    request = {"category": "clean", "description": {"zone": "atlantis"}}
    answer = await manager.http.post("/schedules", json=NIGHTLY | {"request": request})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_feature")


async def test_the_calendar_has_what_is_planned_and_single_occurrences_can_be_moved(
    manager: Manager,
) -> None:
    await manager.post("/schedules", NIGHTLY)
    window = {"from_s": START_S, "until_s": START_S + 3 * 86400}
    told = await manager.get("/calendar", **window)
    mine = [each for each in told["occurrences"] if each["schedule"] == "night"]
    assert (told["timezone"], told["complete"], len(mine)) == ("Asia/Shanghai", True, 3)
    assert {each["outcome"] for each in mine} == {"planned"}
    first, second = mine[0]["at"], mine[1]["at"]
    later = first.replace("T22:00", "T23:30")
    changed = {key: value for key, value in NIGHTLY.items() if key != "id"}
    changed["moves"] = [{"at": first, "to": later}, {"at": second}]
    answer = await manager.http.put("/schedules/night", json=changed)
    assert answer.json()["moves"] == [{"at": first, "to": later}, {"at": second, "to": None}]
    told = await manager.get("/calendar", **window)
    again = [each for each in told["occurrences"] if each["schedule"] == "night"]
    assert [each["due_s"] - mine[0]["due_s"] for each in again] == [5400, 2 * 86400]
    assert [each["moved"] for each in again] == [True, False]


@pytest.mark.parametrize(
    "moves",
    [
        [{"at": "2026-10-01T22:00:00+08:00"}],
        [{"at": "2026-10-01T22:00:00"}, {"at": "2026-10-01T22:00:00"}],
    ],
)
async def test_moves_are_of_local_times_and_each_once(manager: Manager, moves: Any) -> None:
    answer = await manager.http.post("/schedules", json=NIGHTLY | {"moves": moves})
    assert answer.status_code == 422


async def test_a_calendar_of_a_year_or_backwards_is_refused(manager: Manager) -> None:
    for length_s in (366 * 86400, -1):
        asked = {"from_s": START_S, "until_s": START_S + length_s}
        assert (await manager.http.get("/calendar", params=asked)).status_code == 422
