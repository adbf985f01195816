"""Alarms about what the map has: extinguishers, exits, doors."""

from __future__ import annotations

from math import inf, pi
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Polygon

from perception.assets import (
    EXTINGUISHER_HEIGHT_M,
    OCCUPIED_S,
    UNSEEN_TIMES,
    Asset,
    AssetAlarm,
    ExitWatch,
    ExtinguisherWatch,
    Scan,
    assets_of_map,
    door_at,
)
from perception.camera import Pose
from perception.ground import Place
from perception.roles import Role
from perception.runtime.detector import Detection
from tests.unit.perception.campus_views import CAMERA, Thing, detection_of

BEARINGS = np.linspace(-pi / 2, pi / 2, 361)
EXTINGUISHER = Asset("extinguisher_a1", "extinguisher", 8.0, 1.0)
AREA = Polygon([(4.0, -1.0), (5.5, -1.0), (5.5, 1.0), (4.0, 1.0)])
EXIT = Asset("exit_a1", "exit", 5.7, 0.0, AREA)


def wall(range_m: float = 30.0, near: tuple[float, float, float] | None = None) -> Scan:
    """A scan that meets a wall across at a distance, and something near: left, right, range."""
    with np.errstate(divide="ignore"):
        ranges = np.minimum(range_m / np.cos(BEARINGS), 30.0)
    if near is not None:
        ranges = np.where((near[0] <= BEARINGS) & (near[1] >= BEARINGS), near[2], ranges)
    return Scan(BEARINGS, ranges)


def shown(x_m: float, score: float = 0.8) -> list[Detection]:
    foot_m = EXTINGUISHER_HEIGHT_M - 0.25
    thing = Thing(Role.EXTINGUISHER, EXTINGUISHER.x_m, EXTINGUISHER.y_m, score, foot_m)
    found = detection_of(thing, CAMERA, Pose(x_m, 0.0, 0.0))
    assert found is not None
    return [found]


def pass_by(
    scan: Scan | None, sees: bool, step_m: float = 0.1, looks: int = 20, score: float = 0.8
) -> list[AssetAlarm]:
    """Drive towards the wall with the extinguisher, from 6 m before it on."""
    watch, alarms = ExtinguisherWatch([EXTINGUISHER], 320), []
    for number in range(looks):
        x_m = 3.0 + step_m * number
        things = shown(x_m, score) if sees else []
        alarms += watch.update(number / 5, CAMERA, Pose(x_m, 0.0, 0.0), things, scan)
    return alarms


def test_an_extinguisher_that_is_seen_is_not_missing_however_weakly() -> None:
    assert pass_by(wall(), sees=True) == []
    assert pass_by(wall(), sees=True, score=0.15) == []


def test_one_that_should_be_visible_and_is_not_is_missing_once() -> None:
    (alarm,) = pass_by(wall(), sees=False)
    assert alarm.name == "extinguisher_missing"
    assert alarm.asset is EXTINGUISHER
    assert alarm.time_s * 5 >= UNSEEN_TIMES - 1


def test_from_one_place_alone_nothing_is_missing() -> None:
    assert pass_by(wall(), sees=False, step_m=0.0) == []


def test_behind_something_or_without_a_scan_nothing_is_missing() -> None:
    hidden = wall(near=(-0.1, 0.8, 1.5))
    assert pass_by(hidden, sees=False) == []
    assert pass_by(None, sees=False) == []


def test_one_that_is_far_away_or_behind_is_not_expected() -> None:
    watch = ExtinguisherWatch([EXTINGUISHER], 320)
    for number in range(40):
        far = Pose(-5.0 + 0.05 * number, 0.0, 0.0)
        behind = Pose(6.0 - 0.05 * number, 0.0, pi)
        assert watch.update(number / 5, CAMERA, far, [], wall()) == []
        assert watch.update(number / 5, CAMERA, behind, [], wall()) == []


BLOCK = (-0.1, 0.1, 4.6)
"""A box 0.9 m wide in the middle of the exit's area."""


def stand_before(block_at: list[bool], watch: ExitWatch | None = None) -> list[AssetAlarm]:
    """Scans at 2 Hz from (0, 0), of which some show something in the exit's area."""
    watch, alarms = watch or ExitWatch([EXIT]), []
    for number, blocked in enumerate(block_at):
        scan = wall(5.7, BLOCK if blocked else None)
        alarms += watch.update(number / 2, Pose(), scan)
    return alarms


def test_an_exit_is_blocked_when_its_area_is_occupied_for_long() -> None:
    needed = round(OCCUPIED_S * 2)
    assert stand_before([True] * needed) == []
    (alarm,) = stand_before([True] * (2 * needed))
    assert (alarm.name, alarm.asset) == ("exit_blocked", EXIT)


def test_who_walks_through_does_not_block_it_nor_does_its_wall() -> None:
    assert stand_before([number % 10 < 4 for number in range(200)]) == []
    assert stand_before([False] * 200) == []


def test_it_is_told_again_after_it_was_free() -> None:
    told = stand_before([True] * 60 + [False] * 60 + [True] * 100)
    assert len(told) == 2


def test_an_exit_out_of_sight_is_neither() -> None:
    scan = Scan(BEARINGS, np.where(np.abs(BEARINGS) < 0.5, 2.0, inf))
    watch = ExitWatch([EXIT])
    assert all(watch.update(number / 2, Pose(), scan) == [] for number in range(200))


def test_an_open_door_is_one_that_the_map_has() -> None:
    door = Asset("door_a1", "door", 10.0, 5.0)
    small = np.eye(2) * 0.1**2
    assert door_at([door, EXIT], Place(10.8, 5.4, small, 5.0)) is door
    assert door_at([door, EXIT], Place(13.0, 5.0, small, 5.0)) is None
    assert door_at([EXIT], Place(5.7, 0.0, small, 5.0)) is None


def test_assets_are_read_from_a_map() -> None:
    def feature(identifier: str, form: str, shape: object, **properties: object) -> dict[str, Any]:
        return {
            "id": identifier,
            "geometry": {"type": form, "coordinates": shape},
            "properties": {"level": "ground", **properties},
        }

    document = {
        "features": [
            feature("w", "Point", [0.0, 0.0], feature="waypoint"),
            feature("x", "Point", [6.0, 0.0], feature="asset", kind="exit", access="w"),
            feature("e", "Point", [1.0, 2.0], feature="asset", kind="extinguisher", access="w"),
            feature("h", "Point", [1.0, 2.0], feature="asset", kind="hydrant", access="w"),
            feature("d", "LineString", [[0.0, 0.0], [2.0, 0.0]], feature="door"),
            feature("up", "Point", [1.0, 2.0], feature="asset", kind="extinguisher"),
        ]
    }
    document["features"][-1]["properties"]["level"] = "l2"
    found = {each.id: each for each in assets_of_map(document, "ground")}
    assert set(found) == {"x", "e", "d"}
    assert (found["d"].x_m, found["d"].y_m) == (1.0, 0.0)
    area = found["x"].keep_clear
    assert area is not None
    # Towards its waypoint: from 0.2 m before the wall 1.5 m deep, and 1.2 m wide.
    assert area.bounds == pytest.approx((4.3, -0.6, 5.8, 0.6))
