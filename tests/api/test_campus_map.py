"""The campus over HTTP: map with its entity tag, zones with their condition, assets."""

from __future__ import annotations

import asyncio

import pytest

from fleet_manager.core.state import Inspection
from fleet_manager.ports import ZoneCondition
from tests.api.manager import Manager, site
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio


async def test_the_map_is_sent_once(manager: Manager) -> None:
    answer = await manager.http.get("/map")
    document = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert document["version"] == site()[0].version
    assert document["features"] == site()[0].document["features"]
    assert document["footprint_radius_m"]["cleaning"] == 0.55
    again = await manager.http.get("/map", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await manager.http.get("/map", headers={"If-None-Match": '"0"'})
    assert other.status_code == 200


async def test_a_zone_tells_how_clean_it_is(manager: Manager) -> None:
    condition = ZoneCondition("plaza_a_west", "simulator", 290.0, 0.75, START_S)
    manager.link.conditions["plaza_a_west"] = condition
    zones = {each["id"]: each for each in await manager.get("/zones")}
    assert zones["plaza_a_east"]["condition"] is None
    told = {"clean_fraction": 0.75, "source": "simulator", "stamp_s": START_S}
    assert zones["plaza_a_west"]["condition"] == told
    assert await manager.get("/zones/plaza_a_west") == zones["plaza_a_west"]
    assert (await manager.http.get("/zones/atlantis")).status_code == 404


async def test_an_asset_is_due_an_interval_after_it_was_seen(manager: Manager) -> None:
    asset = next(iter(site()[0].assets.values()))
    manager.loop.state.inspected[asset.id] = Inspection(START_S, {"seen": False})
    assets = {each["id"]: each for each in await manager.get("/assets")}
    seen = assets.pop(asset.id)
    assert (seen["last_inspected_s"], seen["last_result"]) == (START_S, "not seen")
    assert seen["due_s"] - START_S == asset.due_interval_days * 86400
    assert all(each["last_inspected_s"] is None for each in assets.values())


async def test_the_map_goes_compressed_over_the_wire(manager: Manager) -> None:
    zipped = await manager.http.get("/map", headers={"Accept-Encoding": "gzip, br"})
    plain = await manager.http.get("/map", headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.content == plain.content  # the client has expanded it
    assert int(zipped.headers["content-length"]) < 0.2 * len(plain.content)
    assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert zipped.headers["etag"] != plain.headers["etag"]
    refused = await manager.http.get("/map", headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


async def test_the_map_in_use_is_validated_once_and_told_with_places(manager: Manager) -> None:
    first, again = await asyncio.gather(
        manager.get("/map/validation"), manager.get("/map/validation")
    )
    assert first == again  # the time it took as well: it was worked out once
    assert first["version"] == site()[0].version
    assert first["count"] == len(first["findings"])
    for finding in first["findings"]:
        assert finding["severity"] in ("error", "warning")
        assert {"check", "subject", "problem", "remedy", "level", "x_m", "y_m"} <= finding.keys()
