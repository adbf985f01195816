"""A person falls before a patrol: from frames to an incident that is being answered, in time."""

from __future__ import annotations

from math import atan2, cos, hypot, sin

import numpy as np
import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import ReportDetection, SubmitTask
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.detection import Detection
from fleet_manager.core.geometry import length_m
from fleet_manager.core.task import TaskStatus
from perception.camera import Pose
from perception.roles import Role
from perception.runtime.frame import Frame
from perception.watch import Surroundings, Watch
from tests.sim.robots import STEP_S, World
from tests.unit.perception.campus_views import CAMERA, ScriptedDetector, Thing, detection_of

NEAR_M = 8.0
FOUND = 0.8
"""Of the frames in which the simulated detector sees who lies in view; else nothing, or wrongly."""
IMAGE = np.zeros((480, 640, 3), np.uint8)
COVARIANCE = np.diag([0.05**2, 0.05**2, 0.01**2])


class Patroller:
    """The camera of a robot of a few lines: its frames at 2 Hz, its reports to the core."""

    def __init__(self, world: World, name: str, rng: np.random.Generator) -> None:
        self.world, self.name, self.rng = world, name, rng
        self.detector = ScriptedDetector()
        self.watch = Watch(self.detector, CAMERA, [])  # type: ignore[arg-type]
        self.heading_rad = 0.0
        robot = world.robots[name]
        self.before = (robot.x_m, robot.y_m)
        self.told = 0

    @property
    def pose(self) -> Pose:
        robot = self.world.robots[self.name]
        return Pose(robot.x_m, robot.y_m, self.heading_rad)

    def sees(self, thing: Thing) -> bool:
        """Whether it is in view, within NEAR_M."""
        near = hypot(thing.x_m - self.pose.x_m, thing.y_m - self.pose.y_m) <= NEAR_M
        return near and detection_of(thing, CAMERA, self.pose) is not None

    @property
    def straight_m(self) -> float:
        """How far it will drive straight on, as far as it is released."""
        robot = self.world.robots[self.name]
        return length_m(robot.way) - robot.along_m if robot.along_m > 1.0 else 0.0

    def look(self, things: list[Thing]) -> None:
        """A frame of what is near, as an unsure detector has it, from a pose as it is known."""
        robot, rng = self.world.robots[self.name], self.rng
        x_m, y_m = robot.x_m, robot.y_m
        if hypot(x_m - self.before[0], y_m - self.before[1]) > 0.05:
            self.heading_rad = atan2(y_m - self.before[1], x_m - self.before[0])
        self.before = (x_m, y_m)
        self.detector.pose = self.pose
        self.detector.things = [each for each in things if self.sees(each) and rng.random() < FOUND]
        dx, dy, turn = rng.normal(0, [0.05, 0.05, 0.01])
        known = Pose(x_m + dx, y_m + dy, self.heading_rad + turn, COVARIANCE)
        frame = Frame(IMAGE, round(self.world.now_s * 1e9), self.name)
        for report in self.watch(frame, Surroundings(self.pose, known)).reports:
            self.told += 1
            self.world.do(
                ReportDetection(
                    Detection(
                        source=self.name,
                        boot_id="boot",
                        sequence=self.told,
                        class_name=report.name,
                        score=report.score,
                        x_m=report.place.x_m,
                        y_m=report.place.y_m,
                        stddev_m=report.place.stddev_m,
                        level="ground",
                        seen_s=self.world.now_s,
                        track_id=report.track_id,
                    )
                )
            )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_falls_before_a_patrol_is_an_incident_within_ten_seconds_of_being_visible(
    campus: Campus, fleet: FleetConfig, seed: int
) -> None:
    print(f"seed {seed}")
    world = World(campus, fleet, ["security_1", "security_3"])
    for _ in world.run(2):
        pass
    world.do(SubmitTask("patrol", {"places": ["gate_a", "canteen"], "robot": "security_1"}))
    patroller = Patroller(world, "security_1", np.random.default_rng(seed))
    fallen: Thing | None = None
    visible_s: float | None = None
    for _ in world.run(400):
        if fallen is None and patroller.straight_m >= 13.0:
            pose = patroller.pose
            c, s = cos(pose.heading_rad), sin(pose.heading_rad)
            # Twelve metres ahead, a little aside of the way.
            x_m, y_m = pose.x_m + 12 * c - 0.8 * s, pose.y_m + 12 * s + 0.8 * c
            fallen = Thing(Role.PERSON_DOWN, x_m, y_m)
        patroller.look([fallen] if fallen else [])
        if fallen is not None and visible_s is None and patroller.sees(fallen):
            visible_s = world.now_s
        incidents = [each for each in world.state.incidents.values() if each.detects]
        if incidents:
            break
    assert fallen is not None
    assert visible_s is not None
    (incident,) = incidents
    assert (incident.kind, incident.severity) == ("person_down", 3)
    assert incident.raised_s - visible_s <= 10.0
    assert hypot((incident.x_m or 0) - fallen.x_m, (incident.y_m or 0) - fallen.y_m) <= 1.0
    # Further frames and the robot that is sent to look see the same: it stays one incident.
    answer = incident.task_id or ""
    began: list[float] = []
    for _ in world.run(120):
        patroller.look([fallen])
        if world.state.tasks[answer].status is TaskStatus.UNDERWAY and not began:
            began.append(world.now_s)
    assert began
    assert began[0] - incident.raised_s <= 5.0
    assert len([each for each in world.state.incidents.values() if each.detects]) == 1


def test_an_hour_of_single_wrong_frames_raises_nothing() -> None:
    rng = np.random.default_rng(5)
    detector = ScriptedDetector()
    watch = Watch(detector, CAMERA, [])  # type: ignore[arg-type]
    told = 0
    for frame in range(round(3600 / STEP_S)):
        along_m = 1.2 * STEP_S * frame
        detector.pose = pose = Pose(along_m, 0.0, 0.0)
        wrong = Thing(Role.PERSON_DOWN, along_m + rng.uniform(3, 12), rng.uniform(-3, 3))
        detector.things = [wrong] if rng.random() < 0.05 else []
        around = Surroundings(pose, Pose(along_m, 0.0, 0.0, COVARIANCE))
        told += len(watch(Frame(IMAGE, round(frame * STEP_S * 1e9)), around).reports)
    assert told == 0
