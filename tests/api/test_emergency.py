"""Emergency stops over HTTP: who stands, who has not said so, and who may release."""

from __future__ import annotations

import pytest

from fleet_manager.app.permissions import Role
from fleet_manager.core.report import Safety
from tests.api.manager import Manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio
LATCHED = Safety(emergency_stop_latched=True)


async def test_who_has_not_confirmed_comes_first(manager: Manager) -> None:
    li = await manager.person("Li", Role.OPERATOR)
    await manager.hears("security_1")
    await manager.post("/robots/emergency_stop", {"reason": "smoke"}, **li)
    told = await manager.get("/emergency")
    assert (len(told["stops"]), told["unconfirmed"], told["zones"]) == (12, 12, [])
    await manager.hears("security_1", safety=LATCHED)
    told = await manager.get("/emergency")
    assert told["unconfirmed"] == 11
    assert told["stops"][-1] == {
        "robot": "security_1",
        "status": "confirmed",
        "since_s": START_S,
        "by": "Li",
        "reason": "smoke",
        "zones": [],
        "confirmed_s": START_S,
        "released_by": "",
        "age_s": 0.0,
    }
    assert told["stops"][0]["age_s"] is None
    await manager.post("/robots/security_1/release_stop", **li)
    await manager.hears("security_1")
    assert len((await manager.get("/emergency"))["stops"]) == 11


async def test_a_zone_is_stopped_and_released_by_a_person(manager: Manager) -> None:
    li = await manager.person("Li", Role.OPERATOR)
    path = "/zones/plaza_a_west"
    await manager.post(f"{path}/emergency_stop", {"reason": "glass", "by": "panel 3"})
    (zone,) = (await manager.get("/emergency"))["zones"]
    assert (zone["zone"], zone["by"], zone["reason"]) == ("plaza_a_west", "panel 3", "glass")
    for answer, status in (
        (await manager.http.delete(f"/closures/{zone['closure']}", headers=li), 403),
        (await manager.http.delete(f"/closures/{zone['closure']}"), 409),
        (await manager.http.post(f"{path}/release_stop"), 403),
        (await manager.http.post(f"{path}/release_stop", headers=li), 200),
        (await manager.http.post(f"{path}/release_stop", headers=li), 409),
        (await manager.http.post("/zones/nowhere/emergency_stop"), 404),
    ):
        assert answer.status_code == status, answer.text
    assert (await manager.get("/emergency"))["zones"] == []
    assert (await manager.get(f"/closures/{zone['closure']}"))["status"] == "removed"


async def test_who_sees_danger_stops_robots_of_every_kind_and_releases_only_the_own(
    manager: Manager,
) -> None:
    kim = await manager.person("Kim", Role.OPERATOR, kinds=["cleaning"])
    await manager.post("/robots/emergency_stop", **kim)
    released = [
        (await manager.http.post(f"/robots/{name}/release_stop", headers=kim)).status_code
        for name in ("cleaning_1", "security_1")
    ]
    assert released == [200, 403]
