"""A patrol's frames become one report, at the right place, in time."""

from __future__ import annotations

from math import hypot, pi, radians

import msgspec
import numpy as np
import pytest

from perception.camera import Mount, Pose
from perception.errors import GeometryError
from perception.roles import Role
from perception.runtime.frame import Frame
from perception.watch import Report, Surroundings, Watch
from tests.unit.perception.campus_views import CAMERA, ScriptedDetector, Thing

IMAGE = np.zeros((480, 640, 3), np.uint8)
HZ = 3.0


def patrol(
    things: list[Thing],
    seconds: float,
    *,
    speed_mps: float = 1.0,
    drift: Pose | None = None,
    jump_at_s: float | None = None,
) -> list[Report]:
    """Drive north from (50, 20); odometry begins at zero and drifts, the map pose may jump."""
    drift = drift or Pose()
    detector = ScriptedDetector(things)
    watch = Watch(detector, CAMERA, [])  # type: ignore[arg-type]
    told: list[Report] = []
    covariance = np.diag([0.05**2, 0.05**2, 0.01**2])
    for number in range(round(seconds * HZ)):
        time_s = number / HZ
        true = Pose(50.0, 20.0 + speed_mps * time_s, pi / 2)
        detector.pose = true
        odometry = Pose(
            speed_mps * time_s + drift.x_m * time_s, drift.y_m * time_s, drift.heading_rad * time_s
        )
        aside_m = 0.3 if jump_at_s is not None and time_s >= jump_at_s else 0.0
        on_map = Pose(true.x_m + aside_m, true.y_m, true.heading_rad, covariance)
        frame = Frame(IMAGE, round(time_s * 1e9), "front")
        told += watch(frame, Surroundings(odometry, on_map)).reports
    return told


def test_a_person_down_before_a_patrol_is_one_report_at_the_place_in_time() -> None:
    fallen = Thing(Role.PERSON_DOWN, 50.6, 28.0)
    told = patrol([fallen], 6.0)
    (first,) = told
    assert first.name == "person_down"
    assert hypot(first.place.x_m - fallen.x_m, first.place.y_m - fallen.y_m) <= 1.0
    assert first.place.stddev_m <= 1.0
    assert first.stamp_ns <= 4e9
    assert first.frame_id == "front"
    assert first.picture.jpeg.startswith(b"\xff\xd8")


def test_drift_of_the_odometry_and_jumps_of_the_localiser_do_not_move_it() -> None:
    fallen = Thing(Role.PERSON_DOWN, 50.6, 30.0)
    told = patrol([fallen], 8.0, drift=Pose(0.02, 0.02, radians(0.5)), jump_at_s=1.5)
    assert [each.again for each in told] in ([False], [False, True])
    assert hypot(told[0].place.x_m - fallen.x_m, told[0].place.y_m - fallen.y_m) <= 1.0


def test_a_night_without_happenings_tells_nothing() -> None:
    assert patrol([], 60.0) == []


def test_a_fixed_camera_needs_no_pose_and_a_robots_camera_does() -> None:
    mount = Mount(height_m=4.0, pitch_down_rad=0.5, yaw_rad=pi, x_m=100.0, y_m=10.0)
    camera = msgspec.structs.replace(CAMERA, mount=mount)
    detector = ScriptedDetector([Thing(Role.SPILL, 93.0, 10.5)], camera)
    watch = Watch(detector, camera, [], fixed=True)  # type: ignore[arg-type]
    told = []
    for number in range(60):
        told += watch(Frame(IMAGE, number * 200_000_000, "gate")).reports
    (report,) = told
    assert (report.place.x_m, report.place.y_m) == pytest.approx((93.0, 10.5), abs=0.3)
    with pytest.raises(GeometryError, match="pose"):
        Watch(detector, camera, [])(Frame(IMAGE))  # type: ignore[arg-type]


def test_frames_of_another_size_than_the_calibration_are_refused() -> None:
    watch = Watch(ScriptedDetector(), CAMERA, [], fixed=True)  # type: ignore[arg-type]
    with pytest.raises(GeometryError, match="calibrated"):
        watch(Frame(np.zeros((240, 320, 3), np.uint8)))
