"""The same robot and manager as everywhere, in Gazebo 11, judged by the poses that it tells."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString

from fleet_manager.adapters.maps import load_campus
from fleet_manager.demo.options import DemoOptions
from fleet_manager.gazebo.place import Place
from tests.e2e.stack import Stack, running_stack
from tests.gazebo.watcher import Watcher

pytestmark = [pytest.mark.gazebo, pytest.mark.timeout(900)]

ROBOT = "security_1"
READY_WITHIN_S = 240.0
BRAKES_MPS2 = 0.8


@pytest.fixture(scope="module")
def stack(
    place: Place, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stack, Watcher]]:
    """One robot on Canalside, as fast as it goes, and who watches it."""
    pytest.importorskip("campus_gazebo", reason="the ROS workspace is not built or sourced")
    options = DemoOptions(robots=ROBOT, speed=20.0, people=0, seed=3, gazebo=True)
    data_dir = tmp_path_factory.mktemp("gazebo")
    with running_stack(
        root, data_dir, options, lambda _: None, ready_within_s=READY_WITHIN_S
    ) as stack:
        argv = stack.planned["gazebo"].argv
        watcher = Watcher(int(argv[argv.index("--port") + 1]), place.descriptors, [ROBOT])
        watcher.start()
        try:
            yield stack, watcher
        finally:
            watcher.ending.set()
            watcher.join(10.0)


def junctions(stack: Stack) -> list[Any]:
    """Ids of the junctions, the nearest first."""
    home = stack.robot(ROBOT)
    found = [
        each for each in stack.features("waypoint") if each["properties"]["role"] == "junction"
    ]
    found.sort(
        key=lambda each: math.dist(each["geometry"]["coordinates"], (home["x_m"], home["y_m"]))
    )
    return [each["id"] for each in found]


def test_a_patrol_stays_on_its_lanes(stack: tuple[Stack, Watcher], root: Path) -> None:
    campus_stack, watcher = stack
    task = campus_stack.dispatch("patrol", places=junctions(campus_stack)[2:4], robot=ROBOT)
    state = campus_stack.wait_for_end(task, within_s=900.0, timeout_s=500.0)
    assert state["status"] == "completed", state.get("reason")
    campus = load_campus(root / "maps/canalside")
    lanes = MultiLineString([LineString(each.points) for each in campus.lanes.values()])
    shapely.prepare(lanes)
    track = np.array(watcher.tracks[ROBOT])
    errors_m = shapely.distance(lanes, shapely.points(track[:, 1:]))
    driven_m = sum(math.dist(a, b) for a, b in itertools.pairwise(track[:, 1:]))
    print(
        f"{driven_m:.0f} m driven, off the lanes by {errors_m.mean():.3f} m in the mean, "
        f"{np.quantile(errors_m, 0.95):.3f} m at 95 %, {errors_m.max():.3f} m at most"
    )
    assert driven_m > 20.0
    assert errors_m.mean() < 0.10
    assert errors_m.max() < 0.5
    assert not watcher.touched, "no bumper was pressed"


def test_an_emergency_stop_ends_within_the_braking_distance(stack: tuple[Stack, Watcher]) -> None:
    campus_stack, watcher = stack
    campus_stack.dispatch("patrol", places=["Gate B"], robot=ROBOT)

    def fast() -> float:
        speed_mps: float = campus_stack.robot(ROBOT)["speed_mps"]
        return speed_mps if speed_mps > 1.3 else 0.0

    speed_mps = campus_stack.wait("it is fast", fast, 300.0, 300.0)
    began_s, *_ = watcher.tracks[ROBOT][-1]
    campus_stack.post(f"/robots/{ROBOT}/emergency_stop")
    campus_stack.wait(
        "the stop is latched and it stands",
        lambda: (
            (robot := campus_stack.robot(ROBOT))["emergency_stop"]["latched"]
            and robot["speed_mps"] < 0.01
        ),
        30.0,
        120.0,
    )
    track = np.array(watcher.tracks[ROBOT])
    braking = track[track[:, 0] >= began_s]
    speeds = np.hypot(np.diff(braking[:, 1]), np.diff(braking[:, 2])) / np.diff(braking[:, 0])
    # It brakes from the last pose at which it was still as fast as before.
    begin = int(np.flatnonzero(speeds > 0.95 * speeds.max())[-1]) + 1
    braked_m = math.dist(braking[begin, 1:], braking[-1, 1:])
    allowed_m = float(speeds.max()) ** 2 / (2 * BRAKES_MPS2)
    print(f"braked from {speeds.max():.2f} m/s in {braked_m:.2f} m; v²/2a is {allowed_m:.2f} m")
    assert speed_mps > 1.2
    assert braked_m < 1.1 * allowed_m + 0.15 * float(speeds.max())
