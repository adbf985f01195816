"""A whole campus in Gazebo 11: the same robots and manager as everywhere, watched from outside.

All twelve robots of Canalside stand in Gazebo; one patrols, two meet at the bridge, one sweeps.
What is judged are the poses that Gazebo itself publishes, not what robots or bridge say of them.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from fleet_manager.adapters.maps import load_campus
from fleet_manager.demo.options import DemoOptions
from fleet_manager.gazebo.place import Place
from tests.e2e.stack import Stack, running_stack

pytestmark = [pytest.mark.gazebo, pytest.mark.timeout(900)]

PATROLS, SWEEPS, MEET = "security_1", "cleaning_1", ("security_2", "security_4")
ZONE = "depot_apron_a"
WITHIN_S = 1500.0
READY_WITHIN_S = 240.0


class Watcher(threading.Thread):
    """Reads poses and bumpers off Gazebo as another client, beside the bridge.

    Attributes:
        tracks: of each robot: seconds of Gazebo's time, x, y in metres.
        touched: what pressed a robot's bumper.
    """

    def __init__(self, port: int, descriptors: Path, robots: list[str]) -> None:
        super().__init__(daemon=True)
        self.port, self.descriptors, self.robots = port, descriptors, robots
        self.tracks: dict[str, list[tuple[float, float, float]]] = {name: [] for name in robots}
        self.touched: set[tuple[str, str]] = set()
        self.ending = threading.Event()

    def run(self) -> None:
        from campus_gazebo.gazebo11_messages import messages
        from campus_gazebo.gazebo11_transport import GazeboGone, Node

        node = Node(messages(self.descriptors), self.port)
        node.serve_until(lambda: bool(node.world), 30.0, "no world")
        node.subscribe(f"/gazebo/{node.world}/pose/local/info", "PosesStamped", self._on_poses)
        for name in self.robots:
            topic = f"/gazebo/{node.world}/{name}/base_link/bumper"
            node.subscribe(topic, "Contacts", self._on_contacts)
        while not self.ending.is_set():
            try:
                node.serve(0.1)
            except GazeboGone:
                break
        node.close()

    def _on_poses(self, message: Any) -> None:
        now_s = message.time.sec + message.time.nsec * 1e-9
        for pose in message.pose:
            track = self.tracks.get(pose.name)
            if track is not None and (not track or now_s - track[-1][0] > 0.045):
                track.append((now_s, pose.position.x, pose.position.y))

    def _on_contacts(self, message: Any) -> None:
        for contact in message.contact:
            self.touched.add((contact.collision1, contact.collision2))


@dataclass
class Run:
    """What happened.

    Attributes:
        tracks: see `Watcher`.
        states: of the tasks, by robot, as they ended.
        speed: simulated seconds per second while all worked.
        stop_m: what the stopped robot drove after it had been told to.
        stop_mps: how fast it was when it was told.
    """

    tracks: dict[str, Any] = field(default_factory=dict)
    touched: set[tuple[str, str]] = field(default_factory=set)
    states: dict[str, Any] = field(default_factory=dict)
    speed: float = 0.0
    stop_m: float = math.inf
    stop_mps: float = 0.0
    latched: bool = False


@pytest.fixture(scope="module")
def run(place: Place, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of the campus; the tests look at it from all sides."""
    pytest.importorskip("campus_gazebo", reason="the ROS workspace is not built or sourced")
    options = DemoOptions(speed=20.0, people=0, seed=3, gazebo=True)
    found = Run()
    data_dir = tmp_path_factory.mktemp("gazebo")
    with running_stack(
        root, data_dir, options, lambda _: None, ready_within_s=READY_WITHIN_S
    ) as stack:
        argv = stack.planned["gazebo"].argv
        robots = [each["name"] for each in stack.get("/robots")]
        watcher = Watcher(int(argv[argv.index("--port") + 1]), place.descriptors, robots)
        watcher.start()
        try:
            _work(stack, found)
            _stop(stack, watcher, found)
        finally:
            watcher.ending.set()
            watcher.join(10.0)
        found.tracks = {name: np.array(track) for name, track in watcher.tracks.items()}
        found.touched = watcher.touched
    return found


def _work(stack: Stack, found: Run) -> None:
    """A patrol, two robots over the bridge towards each other, and a sweep, all at once."""
    home = stack.robot(PATROLS)
    junctions = sorted(
        (each for each in stack.features("waypoint") if each["properties"]["role"] == "junction"),
        key=lambda each: math.dist(each["geometry"]["coordinates"], (home["x_m"], home["y_m"])),
    )
    tasks = {
        PATROLS: stack.dispatch(
            "patrol", places=[each["id"] for each in junctions[2:6]], robot=PATROLS
        ),
        SWEEPS: stack.dispatch("clean", zone=ZONE, robot=SWEEPS),
        MEET[0]: stack.dispatch("patrol", places=["Bridge, east side"], robot=MEET[0]),
        MEET[1]: stack.dispatch("patrol", places=["Bridge, west side"], robot=MEET[1]),
    }
    began_s, began_wall_s = stack.now_s(), time.monotonic()
    for robot, task in tasks.items():
        found.states[robot] = stack.wait_for_end(task, WITHIN_S, timeout_s=700.0)
    found.speed = (stack.now_s() - began_s) / (time.monotonic() - began_wall_s)


def _stop(stack: Stack, watcher: Watcher, found: Run) -> None:
    """An emergency stop at full speed on a long way."""
    robot = MEET[0]
    stack.dispatch("patrol", places=["Gate B"], robot=robot)
    stack.wait("it is fast", lambda: stack.robot(robot)["speed_mps"] > 1.4, 200.0, 300.0)
    _, x_m, y_m = watcher.tracks[robot][-1]
    found.stop_mps = stack.robot(robot)["speed_mps"]
    stack.post(f"/robots/{robot}/emergency_stop")
    stack.wait("it stands", lambda: stack.robot(robot)["speed_mps"] < 0.01, 30.0, 60.0)
    found.latched = stack.robot(robot)["emergency_stop"]["latched"]
    _, at_x_m, at_y_m = watcher.tracks[robot][-1]
    found.stop_m = math.dist((x_m, y_m), (at_x_m, at_y_m))


def test_every_task_is_completed(run: Run) -> None:
    assert {name: state["status"] for name, state in run.states.items()} == dict.fromkeys(
        (PATROLS, SWEEPS, *MEET), "completed"
    )


def test_a_patrol_stays_on_its_lanes(run: Run, root: Path) -> None:
    campus = load_campus(root / "maps/canalside")
    lanes = MultiLineString([LineString(each.points) for each in campus.lanes.values()])
    shapely.prepare(lanes)
    errors_m = shapely.distance(lanes, shapely.points(run.tracks[PATROLS][:, 1:]))
    print(
        f"{PATROLS}: {len(errors_m)} poses, off its lanes by {errors_m.mean():.3f} m in the mean, "
        f"{np.quantile(errors_m, 0.95):.3f} m at 95 %, {errors_m.max():.3f} m at most"
    )
    driven_m = sum(math.dist(a, b) for a, b in itertools.pairwise(run.tracks[PATROLS][:, 1:]))
    assert driven_m > 50.0
    assert errors_m.mean() < 0.10
    assert errors_m.max() < 0.5, "half the narrowest lane less a robot's room"


def test_two_robots_meet_at_a_bridge_without_contact(run: Run, root: Path) -> None:
    campus = load_campus(root / "maps/canalside")
    bridge = campus.waypoints["bridge_1_1"].xy, campus.waypoints["bridge_1_2"].xy
    deck = LineString(bridge).buffer(3.0, cap_style="flat")
    on_deck = {}
    for name in MEET:
        track = run.tracks[name]
        inside = shapely.contains_xy(deck, track[:, 1], track[:, 2])
        assert inside.any(), f"{name} crossed the bridge"
        on_deck[name] = set(np.round(track[inside, 0], 1))
    assert not on_deck[MEET[0]] & on_deck[MEET[1]], "one after the other"
    times = [{round(t, 1): (x, y) for t, x, y in run.tracks[name]} for name in MEET]
    gaps = [math.dist(times[0][t], times[1][t]) for t in times[0].keys() & times[1].keys()]
    print(f"nearest to each other: {min(gaps):.2f} m, middle to middle")
    assert min(gaps) > 0.9  # two footprints of 0.45 m
    assert not run.touched, "no bumper was pressed"


def test_a_sweep_covers_its_zone_in_gazebos_poses(run: Run, root: Path) -> None:
    campus = load_campus(root / "maps/canalside")
    zone: Polygon = campus.zones[ZONE].polygon
    track = run.tracks[SWEEPS][:, 1:]
    near = track[shapely.contains_xy(zone.buffer(1.0), track[:, 0], track[:, 1])]
    assert len(near) > 100
    swept = LineString(near).buffer(0.35)
    covered = zone.intersection(swept).area / zone.area
    print(f"{ZONE}: {covered:.1%} of {zone.area:.0f} m² covered")
    assert covered > 0.95


def test_an_emergency_stop_ends_within_the_braking_distance(run: Run) -> None:
    assert run.latched
    # What it drives until the stop reaches it through API, manager and ROS, then v²/2a.
    allowed_m = run.stop_mps**2 / (2 * 0.8) * 1.1 + 1.5 * run.stop_mps
    print(f"stopped from {run.stop_mps:.2f} m/s in {run.stop_m:.2f} m, {allowed_m:.2f} m allowed")
    assert run.stop_mps > 1.3
    assert run.stop_m < allowed_m


def test_twelve_robots_run_at_least_in_real_time(run: Run) -> None:
    print(f"{len(run.tracks)} robots in Gazebo, manager and ROS: {run.speed:.2f} simulated s per s")
    assert len(run.tracks) == 12
    assert run.speed >= 1.0


def test_robots_that_have_nothing_to_do_stand_at_their_docks(run: Run, root: Path) -> None:
    campus = load_campus(root / "maps/canalside")
    docks = [Point(each.xy) for each in campus.docks]
    for name, track in run.tracks.items():
        if name not in (PATROLS, SWEEPS, *MEET):
            end = Point(track[-1, 1:])
            assert min(each.distance(end) for each in docks) < 0.5, name
