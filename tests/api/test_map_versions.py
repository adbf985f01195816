"""Publishing the map over HTTP: who, when, what it was, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.api.manager import Manager, site

pytestmark = pytest.mark.anyio


def changed(**speed: float) -> dict[str, Any]:
    """Canalside with other speed limits on lanes."""
    document: dict[str, Any] = copy.deepcopy(dict(site()[0].document))
    for feature in document["features"]:
        if feature["id"] in speed:
            feature["properties"]["speed_limit_mps"] = speed[feature["id"]]
    return document


async def test_a_published_map_is_in_use_and_kept_with_who_and_why(manager: Manager) -> None:
    before = site()[0].version
    first = await manager.post("/map/versions", {"document": changed(lane_bridge_1_0=0.5)})
    body = {"document": changed(lane_bridge_1_0=0.4), "by": "planner", "note": "slower"}
    second = await manager.post("/map/versions", {**body, "parent": first["version"]})
    assert second["number"] == 2
    assert (await manager.get("/map"))["version"] == second["version"]
    assert (await manager.get("/system"))["map_version"] == second["version"]
    newest, older = await manager.get("/map/versions")
    assert (newest["by"], newest["note"], newest["in_use"]) == ("planner", "slower", True)
    assert (newest["parent"], older["parent"], older["in_use"]) == (first["version"], "", False)
    old = await manager.get("/map", version=first["version"])
    limits = {each["id"]: each["properties"].get("speed_limit_mps") for each in old["features"]}
    assert limits["lane_bridge_1_0"] == 0.5
    difference = await manager.get(f"/map/versions/{first['version']}/diff/{second['version']}")
    assert difference == {"added": [], "removed": [], "changed": ["lane_bridge_1_0"]}
    assert before not in {newest["version"], older["version"]}


async def test_a_map_on_top_of_another_than_the_one_in_use_is_refused(manager: Manager) -> None:
    await manager.post("/map/versions", {"document": changed(lane_bridge_1_0=0.5)})
    body = {"document": changed(lane_bridge_1_0=0.4), "parent": "0123456789abcdef"}
    answer = await manager.http.post("/map/versions", json=body)
    assert answer.status_code == 409
    assert "0123456789abcdef" in answer.json()["detail"]


async def test_a_map_that_cannot_be_read_names_the_feature(manager: Manager) -> None:
    document = changed()
    document["features"][5]["properties"]["surprise"] = True
    answer = await manager.http.post("/map/versions", json={"document": document})
    assert answer.status_code == 422
    assert document["features"][5]["id"] in answer.json()["detail"]
    assert answer.json()["remedy"]


async def test_errors_refuse_a_map_unless_it_is_forced(manager: Manager) -> None:
    document = changed()
    document["features"] = [each for each in document["features"] if each["id"] != "to_bridge_west"]
    body = {"document": document}
    checked = await manager.http.post("/map/versions", json={**body, "check_only": True})
    assert checked.status_code == 200
    assert not checked.json()["published"]
    assert any("bridge_west" in each["problem"] for each in checked.json()["findings"])
    refused = await manager.http.post("/map/versions", json=body)
    assert refused.status_code == 422
    assert "bridge_west" in refused.json()["detail"]
    assert await manager.get("/map/versions") == []
    assert (await manager.post("/map/versions", {**body, "force": True}))["published"]


async def test_a_version_that_never_was_is_not_found(manager: Manager) -> None:
    for path in ("/map?version=nothing", "/map/versions/nothing"):
        answer = await manager.http.get(path)
        assert answer.status_code == 404
        assert "fleet map versions" in answer.json()["remedy"]
