"""What the campus is asked to do when a demo starts: some of everything its robots can do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

PATROL_PLACES = 4
CLEANINGS = 2
INSPECTED_ASSETS = 5
_SECONDS_PER_M2 = 2.0  # sweeping with a brush of half a metre at a metre per second
_PATROL_ROLES = {"junction", "bay"}

Point = tuple[float, float]


def starting_requests(
    campus: Mapping[str, Any], robots: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Task requests (the body of `POST /tasks/dispatch_task`) near the robots that can do them.

    They are outdoors, on a level where a robot stands: a demo begins without waiting for lifts.

    Args:
        campus: the map as `GET /map` gives it; coordinates in metres.
        robots: robots as `GET /robots` gives them.
    """
    robots = list(robots)
    by_skill: dict[str, list[Point]] = {}
    for robot in robots:
        for skill in robot["skills"]:
            by_skill.setdefault(skill, []).append((robot["x_m"], robot["y_m"]))
    features = _at_hand(campus["features"], {robot.get("level") for robot in robots})
    requests: list[dict[str, Any]] = []
    if "patrol" in by_skill:
        places = _nearest(_of(features, "waypoint"), by_skill["patrol"][:1])
        places.sort(key=lambda each: not each["properties"].get("name"))
        ids = [each["id"] for each in places if each["properties"]["role"] in _PATROL_ROLES]
        if ids:
            requests.append(_request("patrol", {"places": ids[:PATROL_PLACES], "rounds": 1}))
    if "clean" in by_skill:
        zones = [each for each in _of(features, "zone") if each["properties"]["purpose"] == "clean"]
        zones.sort(key=lambda zone: _cleaning_cost_s(zone, by_skill["clean"]))
        requests += [_request("clean", {"zone": zone["id"]}) for zone in zones[:CLEANINGS]]
    if "inspect" in by_skill:
        assets = _nearest(_of(features, "asset"), by_skill["inspect"][-1:])[:INSPECTED_ASSETS]
        if assets:
            requests.append(_request("inspect", {"assets": [each["id"] for each in assets]}))
    return requests


def _at_hand(
    features: Sequence[Mapping[str, Any]], levels: set[str | None]
) -> list[Mapping[str, Any]]:
    """Features on these levels (None: any) that no indoor lane leads to."""
    lanes = [each["properties"] for each in _of(features, "lane")]
    indoors = {lane[end] for lane in lanes if lane.get("indoor") for end in ("from", "to")}
    return [
        each
        for each in features
        if (None in levels or each["properties"].get("level") in levels)
        and each["id"] not in indoors
        and each["properties"].get("access") not in indoors
    ]


def _request(category: str, description: dict[str, Any]) -> dict[str, Any]:
    request = {"category": category, "description": description, "requester": "demo"}
    return {"type": "dispatch_task_request", "request": request}


def _of(features: Sequence[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [each for each in features if each["properties"]["feature"] == kind]


def _nearest(features: list[Mapping[str, Any]], points: Sequence[Point]) -> list[Mapping[str, Any]]:
    return sorted(features, key=lambda each: _distance_m(each["geometry"]["coordinates"], points))


def _distance_m(place: Sequence[float], points: Sequence[Point]) -> float:
    return min(math.dist(place[:2], point) for point in points)


def _cleaning_cost_s(zone: Mapping[str, Any], points: Sequence[Point]) -> float:
    ring = zone["geometry"]["coordinates"][0]
    pairs = itertools.pairwise(ring)
    area_m2: float = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
    return area_m2 * _SECONDS_PER_M2 + _distance_m(ring[0], points)
