"""Boxes become places on the map, with as much doubt as there is."""

from __future__ import annotations

from dataclasses import replace
from math import radians
from pathlib import Path

import msgspec
import numpy as np
import pytest

from perception.camera import Camera, Pose, load_camera, pixel_of
from perception.errors import CardError, GeometryError
from perception.ground import BOX_STDDEV, PIXEL_STDDEV, moved, place_of
from perception.roles import Role
from tests.unit.perception.campus_views import CAMERA, Thing, detection_of

POSE = Pose(12.0, -5.0, radians(70))
SEED = 11


def ahead(range_m: float, bearing_rad: float = 0.0, pose: Pose = POSE) -> tuple[float, float]:
    angle = pose.heading_rad + bearing_rad
    return pose.x_m + range_m * np.cos(angle), pose.y_m + range_m * np.sin(angle)


@pytest.mark.parametrize("distortion", [(0.0,) * 5, (-0.28, 0.07, 0.0002, 0.0, 0.0)])
@pytest.mark.parametrize("range_m", [2.5, 4.0, 8.0, 20.0])
@pytest.mark.parametrize("bearing_rad", [-0.3, 0.0, 0.25])
def test_what_stands_somewhere_is_found_there(
    range_m: float, bearing_rad: float, distortion: tuple[float, ...]
) -> None:
    camera = msgspec.structs.replace(CAMERA, distortion=distortion)
    x, y = ahead(range_m, bearing_rad)
    seen = detection_of(Thing(Role.PERSON, x, y), camera, POSE)
    assert seen is not None
    place = place_of(camera, POSE, Role.PERSON, seen.box_px)
    assert place is not None
    assert (place.x_m, place.y_m) == pytest.approx((x, y), abs=0.002 * range_m)


@pytest.mark.parametrize("range_m", [3.0, 8.0])
def test_the_covariance_is_that_of_many_tries(range_m: float) -> None:
    print(f"seed {SEED}")
    rng = np.random.default_rng(SEED)
    covariance = np.diag([0.05**2, 0.08**2, 0.01**2])
    pose = replace(POSE, covariance=covariance)
    seen = detection_of(Thing(Role.PERSON, *ahead(range_m)), CAMERA, pose)
    assert seen is not None
    place = place_of(CAMERA, pose, Role.PERSON, seen.box_px)
    assert place is not None
    left, top, right, bottom = seen.box_px
    deviation = max(PIXEL_STDDEV, BOX_STDDEV * (bottom - top))
    found = []
    for _ in range(1000):
        across, down = rng.normal(0, deviation, 2)
        nod = rng.normal(0, CAMERA.mount.pitch_stddev_rad)
        mount = msgspec.structs.replace(
            CAMERA.mount, pitch_down_rad=CAMERA.mount.pitch_down_rad + nod
        )
        x, y, heading = rng.multivariate_normal([pose.x_m, pose.y_m, pose.heading_rad], covariance)
        box = (left + across, top, right + across, bottom + down)
        camera = msgspec.structs.replace(CAMERA, mount=mount)
        tried = place_of(camera, Pose(x, y, heading), Role.PERSON, box)
        if tried is not None:
            found.append((tried.x_m, tried.y_m))
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(np.asarray(found).T)))
    said = np.sqrt(np.linalg.eigvalsh(place.covariance))
    assert said == pytest.approx(spread, rel=0.25)


def test_doubt_grows_with_the_distance() -> None:
    deviations = []
    for range_m in (2.0, 5.0, 10.0, 20.0):
        seen = detection_of(Thing(Role.PERSON, *ahead(range_m)), CAMERA, POSE)
        assert seen is not None
        place = place_of(CAMERA, POSE, Role.PERSON, seen.box_px)
        assert place is not None
        deviations.append(place.stddev_m)
    assert deviations == sorted(deviations)
    assert deviations[0] < 0.5


def test_above_the_horizon_nothing_stands_but_smoke_has_a_direction() -> None:
    box = (300.0, 10.0, 340.0, 60.0)
    assert place_of(CAMERA, POSE, Role.PERSON, box) is None
    smoke = place_of(CAMERA, POSE, Role.SMOKE, box)
    assert smoke is not None
    assert smoke.guessed
    assert smoke.stddev_m >= 2.0
    away = np.asarray([smoke.x_m - POSE.x_m, smoke.y_m - POSE.y_m])
    assert np.arctan2(away[1], away[0]) == pytest.approx(POSE.heading_rad, abs=0.01)


def test_a_place_is_moved_from_odometry_to_the_map() -> None:
    odometry = Pose(1.0, 2.0, 0.0)
    on_map = Pose(100.0, 50.0, radians(90), np.diag([0.1**2, 0.1**2, 0.02**2]))
    seen = detection_of(Thing(Role.PERSON, 6.0, 2.0), CAMERA, odometry)
    assert seen is not None
    place = place_of(CAMERA, odometry, Role.PERSON, seen.box_px)
    assert place is not None
    there = moved(place, odometry, on_map)
    # Five metres ahead of a robot that looks north.
    assert (there.x_m, there.y_m) == pytest.approx((100.0, 55.0), abs=0.01)
    # The heading's doubt moves it across, east and west: 0.02 rad at 5 m.
    own = place.covariance[1, 1]
    assert there.covariance[0, 0] == pytest.approx(own + 0.1**2 + (5 * 0.02) ** 2, rel=0.01)


def test_behind_the_camera_is_no_pixel() -> None:
    assert pixel_of(CAMERA, POSE, (*ahead(-3.0), 0.5)) is None


def test_a_pose_that_is_not_finite_is_refused() -> None:
    with pytest.raises(GeometryError):
        Pose(float("nan"), 0.0, 0.0)


def test_a_calibration_is_read_and_its_errors_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "camera.yaml"
    text = (
        "size: [480, 640]\nfocal_px: [460, 460]\nmiddle_px: [320, 240]\n"
        "mount: {height_m: 0.9, pitch_down_rad: 0.15, x_m: 0.3}\n"
    )
    path.write_text(text)
    assert load_camera(path) == Camera(CAMERA.size, CAMERA.focal_px, CAMERA.middle_px, CAMERA.mount)
    path.write_text(text.replace("460, 460", "460, 0"))
    with pytest.raises(CardError) as refused:
        load_camera(path)
    assert refused.value.line == 2
